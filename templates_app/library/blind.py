"""Keyed hashes, which stand in an index for what is sealed."""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache
from typing import Final

from django.conf import settings

_LETTERS: Final = str.maketrans("0123456789abcdef", "ABCDEFGHIJKLMNOP")
LENGTH: Final = 12
"""48 bits: enough that no two terms of an index are taken for each other."""


def blind(term: str) -> str:
    """A term's hash in capital letters from A to P, which no folded word has."""
    return digest(term)[:LENGTH].translate(_LETTERS)


def digest(term: str) -> str:
    """HMAC-SHA-256 with a key of SECRET_KEY, in hexadecimal."""
    return hmac.digest(_key(settings.SECRET_KEY), term.encode(), "sha256").hex()


@lru_cache(maxsize=1)
def _key(secret: str) -> bytes:
    return hashlib.sha256(b"template search:" + secret.encode()).digest()
