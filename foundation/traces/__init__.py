"""Traces across services: taken from whoever calls, passed on to whom is called, and told to a collector."""
