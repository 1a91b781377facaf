"""Keyed hashes, which stand in an index for what is sealed."""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache
from typing import Final

from django.conf import settings

_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSUVWXYZ"
LENGTH: Final = 8
"""37 bits: one template of a thousand large ones is found by mistake in a thousand searches, and indexes stay small."""


def blind(term: str) -> str:
    """A term's hash in capital letters without T, which no open word has."""
    rest, letters = int(digest(term)[:16], 16), ""
    for _ in range(LENGTH):
        rest, place = divmod(rest, len(_LETTERS))
        letters += _LETTERS[place]
    return letters


def digest(term: str) -> str:
    """HMAC-SHA-256 with a key of SECRET_KEY, in hexadecimal."""
    return hmac.digest(_key(settings.SECRET_KEY), term.encode(), "sha256").hex()


@lru_cache(maxsize=1)
def _key(secret: str) -> bytes:
    return hashlib.sha256(b"template search:" + secret.encode()).digest()
