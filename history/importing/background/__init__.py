"""Large imports, made in the background: the file is sealed, read by whoever holds the lease, and removed."""
