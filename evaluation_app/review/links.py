"""The secret link of a queue, by which somebody without an account reviews it, and sees nothing else.

The token is made from the installation's secret and a number of the queue's own, so that its owner can copy it again;
the database holds its hash alone, and whoever reads that can make no token of it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

from evaluation_app.models import ReviewQueue
from evaluation_app.review.errors import link_ended

DAYS: Final = 30
MOST_DAYS: Final = 365
LONGEST_TOKEN: Final = 64


def make_link(queue: ReviewQueue, *, days: int, now: datetime) -> None:
    """Gives the queue a link; an older one leads nowhere from now on."""
    queue.link_nonce = secrets.token_bytes(16)
    queue.link_hash = _digest(_token(queue))
    queue.link_ends_at = now + timedelta(days=days)
    ReviewQueue.objects.filter(id=queue.id).update(
        link_nonce=queue.link_nonce, link_hash=queue.link_hash, link_ends_at=queue.link_ends_at
    )


def revoke_link(queue: ReviewQueue) -> None:
    """Takes the link back; who has it open is turned away with the next click."""
    queue.link_nonce, queue.link_hash, queue.link_ends_at = b"", None, None
    ReviewQueue.objects.filter(id=queue.id).update(link_nonce=b"", link_hash=None, link_ends_at=None)


def token_of(queue: ReviewQueue, *, now: datetime) -> str | None:
    """The token of a link that still leads to the queue; None also where it was made under another secret."""
    if queue.link_hash is None or queue.link_ends_at is None or queue.link_ends_at <= now:
        return None
    token = _token(queue)
    return token if hmac.compare_digest(_digest(token), bytes(queue.link_hash)) else None


def queue_behind(token: str, *, now: datetime) -> ReviewQueue:
    """The queue that this token leads to; raises Problem (410)."""
    found = None
    if len(token) <= LONGEST_TOKEN and token.isascii():
        rows = ReviewQueue.objects.open_by_link(now).select_related("test")
        found = rows.filter(link_hash=_digest(token), owner__is_active=True).first()
    if found is None:
        raise link_ended()
    return found


def _token(queue: ReviewQueue) -> str:
    made_from = b"review link:" + queue.id.bytes + bytes(queue.link_nonce)
    made = hmac.new(settings.SECRET_KEY.encode(), made_from, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
