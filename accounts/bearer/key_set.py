"""The issuer's public keys (RFC 7517), fetched rarely, and believed for a while when the issuer is away."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final

from jwt import PyJWK, PyJWKClient, PyJWTError

logger = logging.getLogger(__name__)

FRESH_FOR: Final = 300.0
"""Seconds until the keys are fetched again, beside those who are let in by them meanwhile."""
ASKED_EVERY: Final = 60.0
"""Seconds between two fetches, whatever tokens are shown and whatever the issuer says."""
BELIEVED_FOR: Final = 3_600.0
"""Seconds that keys let people in for without word from the issuer."""
PATIENCE: Final = 5.0


class KeysUnknown(Exception):
    """No key is known by which the token could be judged."""


class KeysAway(KeysUnknown):
    """The issuer has told no keys at all, or not for too long."""


class KeySet:
    """The keys behind one address. Whoever shows a token of a known key never waits for the issuer."""

    def __init__(self, address: str, *, fetch: Callable[[str], Awaitable[list[PyJWK]]] | None = None) -> None:
        """`fetch` gives the keys at the address, where they are not to be had by an ordinary call."""
        self._address = address
        self._fetch_from = fetch or _signing_keys
        self._keys: dict[str, PyJWK] = {}
        self._fetched_at = self._asked_at = float("-inf")
        self._fetching: asyncio.Task[None] | None = None

    async def key(self, key_id: str | None) -> PyJWK:
        """The signing key with this `kid`; raises KeysUnknown."""
        now = time.monotonic()
        found = self._known(key_id) if now < self._fetched_at + BELIEVED_FOR else None
        if found is None or now > self._fetched_at + FRESH_FOR:
            fetching = self._fetch_soon(now)
            if found is None and fetching is not None:
                await asyncio.shield(fetching)
                found = self._known(key_id) if time.monotonic() < self._fetched_at + BELIEVED_FOR else None
        if found is None:
            raise KeysUnknown if time.monotonic() < self._fetched_at + BELIEVED_FOR else KeysAway
        return found

    def _known(self, key_id: str | None) -> PyJWK | None:
        if key_id is None:
            # Where there is one key, it need not be named.
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(key_id)

    def _fetch_soon(self, now: float) -> asyncio.Task[None] | None:
        """The fetch that is under way, or begins now; None while it is too early for another."""
        is_ours = self._fetching is not None and self._fetching.get_loop() is asyncio.get_running_loop()
        if self._fetching is not None and is_ours and not self._fetching.done():
            return self._fetching
        if now < self._asked_at + ASKED_EVERY:
            return None
        self._asked_at = now
        self._fetching = asyncio.create_task(self._fetch())
        return self._fetching

    async def _fetch(self) -> None:
        try:
            keys = await self._fetch_from(self._address)
        except (PyJWTError, ValueError, OSError) as error:
            logger.warning("keys_not_fetched", extra={"reason": type(error).__name__})
            return
        self._keys = {str(key.key_id): key for key in keys}
        self._fetched_at = time.monotonic()


async def _signing_keys(address: str) -> list[PyJWK]:
    client = PyJWKClient(address, cache_jwk_set=False, timeout=PATIENCE)
    return await asyncio.to_thread(client.get_signing_keys)
