"""Datasets: how cases are checked, kept in versions, read, and carried in and out as files."""
