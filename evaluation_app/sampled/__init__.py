"""Calls that were made elsewhere, scored as they come: a rule says which, how many of them, by what, for how much."""
