"""What can be wrong with a webhook; each message is for its owner."""

from __future__ import annotations


class WebhookAway(Exception):
    """It could not be reached, gave no answer in time, or may not be called."""
