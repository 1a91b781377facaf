"""The Knowledge Service: what the project's documents say."""
