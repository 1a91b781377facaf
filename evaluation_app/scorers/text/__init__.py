"""Scorers that look at the words of an output."""
