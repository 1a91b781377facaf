"""What scorers that ask somebody outside have at hand, and those that ask an address."""
