"""Why a head was not published."""

from __future__ import annotations


class NotPublished(Exception):
    """The destination did not take it; the sentence says why, and holds no secret and no address."""
