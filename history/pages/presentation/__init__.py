"""Sessions as their pages show them."""
