"""Models that their providers mean to take away: when, what to move to, and whom it concerns."""
