"""Scorers of JSON and of tool calls."""
