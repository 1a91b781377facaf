"""Encryption at rest: AES-256-GCM with the key's id in the ciphertext and the place as associated data.

Layout: version (1 byte) | key id (4 bytes, first of the key's SHA-256) | nonce (12) | ciphertext and tag.
The first key of `ENCRYPTION_KEYS` encrypts, each decrypts. Text moved to another row, column or
Redis key does not open, because that place is authenticated with it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

VERSION: Final = b"\x01"
ID_BYTES: Final = 4
NONCE_BYTES: Final = 12
HEADER: Final = len(VERSION) + ID_BYTES


class CannotDecrypt(Exception):
    """The ciphertext was changed, belongs elsewhere, or its key is not among `ENCRYPTION_KEYS`."""


class NotFetched(CannotDecrypt):
    """The value lies in the object storage, which does not give it; `str` is a sentence for people."""


class StoreAway(NotFetched):
    """For a moment: it is asked again by itself."""


class Lost(NotFetched):
    """It has no such file."""


def key_id(key: bytes) -> bytes:
    """The public name of a key."""
    return hashlib.sha256(b"key-id:" + key).digest()[:ID_BYTES]


def key_id_in(ciphertext: bytes) -> bytes:
    """The public name of the key that sealed it."""
    return ciphertext[len(VERSION) : HEADER]


def prefix_of(key_id: bytes) -> bytes:
    """What every ciphertext of the key with this id begins with."""
    return VERSION + key_id


class Keyring:
    """Seals with the first key, opens with whichever key a ciphertext names."""

    def __init__(self, keys: Iterable[bytes]) -> None:
        self._ciphers = {key_id(key): AESGCM(key) for key in keys}
        if not self._ciphers:
            raise ValueError("a keyring needs a key")
        self._current = next(iter(self._ciphers))
        self._seal_with = self._ciphers[self._current]
        self._prefix = prefix_of(self._current)

    @property
    def current(self) -> bytes:
        """The id of the key that seals."""
        return self._current

    @property
    def prefix(self) -> bytes:
        """What a ciphertext sealed with the current key begins with."""
        return self._prefix

    @property
    def key_ids(self) -> frozenset[bytes]:
        """Ids of the keys that can be opened with."""
        return frozenset(self._ciphers)

    def seal(self, plain: bytes, *, place: str) -> bytes:
        """Ciphertext of `plain`, to be opened with the same `place` only."""
        nonce = os.urandom(NONCE_BYTES)
        return self._prefix + nonce + self._seal_with.encrypt(nonce, plain, place.encode())

    def open(self, sealed: bytes, *, place: str) -> bytes:
        """The plain bytes; raises CannotDecrypt."""
        cipher = self._ciphers.get(key_id_in(sealed)) if sealed[:1] == VERSION else None
        if cipher is None:
            raise CannotDecrypt("no key of ENCRYPTION_KEYS sealed this")
        try:
            return cipher.decrypt(sealed[HEADER : HEADER + NONCE_BYTES], sealed[HEADER + NONCE_BYTES :], place.encode())
        except (InvalidTag, ValueError):  # ValueError: too short to have a nonce
            raise CannotDecrypt("changed, or sealed for another place") from None

    def seal_json(self, value: Any, *, place: str) -> bytes:
        """Like `seal`, for a JSON value."""
        return self.seal(orjson.dumps(value), place=place)

    def open_json(self, sealed: bytes, *, place: str) -> Any:
        """Like `open`, for a JSON value."""
        return orjson.loads(self.open(sealed, place=place))


@lru_cache(maxsize=1)
def keyring() -> Keyring:
    """The keyring of this installation."""
    return Keyring(settings.SECRETS.encryption_keys)
