"""The service's own objectives, and how it stands to them."""
