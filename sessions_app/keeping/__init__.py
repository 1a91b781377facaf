"""What this app keeps: how long, whose it is, and what becomes of it when they are erased."""
