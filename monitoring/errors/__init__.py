"""Errors of the service's own, grouped by where they come from: what broke, how often and since when, never a text."""
