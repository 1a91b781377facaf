"""`/metrics`: its door."""
