"""The Project Service: which projects there are."""
