"""Large exports, made in the background: ordered, made by whoever holds the lease, kept sealed, swept away."""
