"""A person's way out: what they wrote is removed or made nobody's, and that it has gone is shown."""
