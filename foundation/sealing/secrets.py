"""Secrets that a fresh installation makes for itself, once, and keeps in its data folder."""

from __future__ import annotations

import base64
import binascii
import fcntl
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KEY_BYTES = 32


class InvalidKey(ValueError):
    """An encryption key is not 32 bytes in base64."""


def decode_encryption_key(text: str) -> bytes:
    """The 32 bytes of an AES-256 key written in (URL-safe or standard) base64."""
    try:
        key = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidKey("not base64") from None
    if len(key) != KEY_BYTES:
        raise InvalidKey(f"{KEY_BYTES} bytes in base64 are expected, not {len(key)}")
    return key


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """What signs sessions, what signs tokens, what encrypts: never the same value."""

    secret_key: str
    jwt_secret: str
    encryption_keys: tuple[bytes, ...]

    @classmethod
    def from_folder(
        cls, folder: Path, *, secret_key: str | None, jwt_secret: str | None, encryption_keys: list[str]
    ) -> Secrets:
        """Given values win; the rest comes from `folder/secrets.json`, which is made (mode 0600) when missing."""
        made = {} if secret_key and jwt_secret and encryption_keys else _kept_in(folder / "secrets.json")
        return cls(
            secret_key=secret_key or made["secret_key"],
            jwt_secret=jwt_secret or made["jwt_secret"],
            encryption_keys=tuple(decode_encryption_key(key) for key in encryption_keys or made["encryption_keys"]),
        )


def _kept_in(path: Path) -> dict[str, Any]:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        text = file.read()
        if text:
            kept: dict[str, Any] = json.loads(text)
            return kept
        made = {
            "secret_key": secrets.token_urlsafe(48),
            "jwt_secret": secrets.token_urlsafe(48),
            "encryption_keys": [base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()],
        }
        json.dump(made, file)
        file.flush()
        os.fsync(file.fileno())
        return made
