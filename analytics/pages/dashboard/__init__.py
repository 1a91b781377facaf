"""`/analytics`: what was used, as tiles, pictures and tables."""
