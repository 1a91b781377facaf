"""Clients of the services around this one: one folder a service, no models, no knowledge of our apps."""
