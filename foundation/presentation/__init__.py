"""What pages of several apps show alike: pictures without script, and rates with their intervals."""
