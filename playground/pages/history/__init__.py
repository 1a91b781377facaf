"""The history that the playground opens: what ran in a session, together where it belongs together."""
