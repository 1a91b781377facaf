"""Organisations and teams: who may do what in them, and who is in them."""
