"""What scorers read in a text: its normal form, JSON, numbers, patterns."""
