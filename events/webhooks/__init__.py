"""Addresses of people that get their own events: CloudEvents, signed, through the relay of the outbox."""
