"""`/metrics`: its door, and how the whole installation stands."""
