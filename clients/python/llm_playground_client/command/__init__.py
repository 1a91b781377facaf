"""The command `playground`: templates to files and back, and runs."""
