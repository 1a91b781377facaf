"""Scorers of what an execution took."""
