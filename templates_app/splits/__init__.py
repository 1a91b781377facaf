"""Traffic splits: begun, routed by and ended."""
