"""Plain templates rendered here, to the same text as the service renders them to."""
