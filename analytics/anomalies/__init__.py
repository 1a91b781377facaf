"""What is unlike before: cost, volume and errors by hour, measured against their own past."""
