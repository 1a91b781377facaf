"""What the clients of services share: one read over HTTP with its clock, its retry, its breaker and its limits."""
