"""The chain of an organisation: made, checked, cut, and what is told of its head."""
