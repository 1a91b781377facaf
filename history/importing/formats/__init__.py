"""The formats that sessions come in, one a file."""
