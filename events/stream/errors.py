"""What can be wrong with the stream; the message is for an administrator."""

from __future__ import annotations


class StreamAway(Exception):
    """The server did not take the entries."""
