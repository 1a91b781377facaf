"""Scorers that measure how near an output is to a text."""
