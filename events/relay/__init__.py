"""What tells them to the destinations: one relay a destination at a time, in order, at least once."""
