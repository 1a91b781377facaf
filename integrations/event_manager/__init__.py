"""The EventManager: takes events, and sends those of others."""
