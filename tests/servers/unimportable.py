"""A module that cannot be imported, as one whose dependency is missing."""

raise RuntimeError("zq-canary-key-in-a-message")
