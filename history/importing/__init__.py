"""A bundle (export.bundle) becomes a session again: checked whole, planned, then written in one transaction."""
