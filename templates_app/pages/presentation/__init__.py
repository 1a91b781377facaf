"""What the template pages show, as values that templates read without thinking."""
