"""`POST /events/batch` and `POST /subscriptions` of the EventManager.

The address is the operator's (`EVENT_MANAGER_URL`) and lies in a private network as a rule, so it is not put through
the guard of addresses that users type. No redirect is followed, and no proxy of the environment is asked.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Final, Self

import aiohttp
import orjson

from foundation.http.standard_webhooks import signed
from integrations.event_manager.errors import EventManagerAway

PATIENCE: Final = 10.0
"""Seconds for a whole call."""
LARGEST_ANSWER: Final = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Answer:
    """What it said to a call."""

    status: int
    failed: frozenset[str] = frozenset()
    """Of a batch that was taken: the ids of events that it did not take."""
    retry_after: float | None = None
    """Seconds that it asks to be left alone for."""

    @property
    def is_success(self) -> bool:
        """2xx."""
        return 200 <= self.status < 300


class EventManager:
    """Its client while it is entered; one connection is kept for all calls. Each call raises EventManagerAway."""

    def __init__(self, base_url: str, *, token: str = "", secret: bytes = b"") -> None:
        self._base_url = base_url
        self._token = token
        self._secret = secret
        self._runner = asyncio.Runner()
        self._session: aiohttp.ClientSession | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._session is not None:
            self._runner.run(self._session.close())
        self._runner.close()

    def send(self, events: Sequence[Mapping[str, Any]], *, name: str) -> Answer:
        """One batch, in this order; `name` is the id of the call."""
        status, headers, body = self._post("/events/batch", {"events": events}, name)
        failed = failed_of(body, [str(event["id"]) for event in events]) if 200 <= status < 300 else frozenset[str]()
        return Answer(status, failed, retry_after(headers))

    def subscribe(self, subscription: Mapping[str, Any], *, name: str) -> Answer:
        """One subscription."""
        status, headers, _ = self._post("/subscriptions", subscription, name)
        return Answer(status, retry_after=retry_after(headers))

    def _post(self, path: str, value: Any, name: str) -> tuple[int, Mapping[str, str], bytes]:
        body = orjson.dumps(value)
        headers = {"Content-Type": "application/json"}
        if self._secret:
            headers |= signed(self._secret, name=name, timestamp=int(time.time()), body=body)
        try:
            return self._runner.run(self._call(path, body, headers))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise EventManagerAway(type(error).__name__) from None

    async def _call(self, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=PATIENCE),
                headers={
                    "User-Agent": "llm-playground",
                    "Accept": "application/json",
                    "Accept-Encoding": "identity",
                    **({"Authorization": f"Bearer {self._token}"} if self._token else {}),
                },
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                auto_decompress=False,
            )
        async with self._session.post(
            self._base_url + path, data=body, headers=headers, allow_redirects=False
        ) as response:
            answer = bytearray()
            async for part in response.content.iter_any():
                answer += part
                if len(answer) > LARGEST_ANSWER:
                    raise EventManagerAway("the answer is too long")
            return response.status, response.headers, bytes(answer)


def failed_of(body: bytes, ids: Sequence[str]) -> frozenset[str]:
    """Which of these events a taken batch's answer `{success, results[{success, eventId}], failedCount}` says failed.

    Results are told apart by `eventId`; where it has ids of its own, by their places. What it says nothing clear of
    counts as failed unless the whole is called a success: an event that comes twice is dropped there by its id.
    """
    try:
        told = orjson.loads(body) if body else {}
    except orjson.JSONDecodeError:
        told = {}
    if not isinstance(told, dict):
        return frozenset()
    results = told.get("results")
    is_whole = told.get("success") is not False and not told.get("failedCount")
    if not isinstance(results, list) or not all(isinstance(each, dict) for each in results):
        return frozenset() if is_whole else frozenset(ids)
    by_id = {str(each.get("eventId")): each.get("success") is True for each in results}
    if not by_id.keys() & set(ids) and len(results) == len(ids):
        return frozenset(id_ for id_, each in zip(ids, results, strict=True) if each.get("success") is not True)
    return frozenset(id_ for id_ in ids if not by_id.get(id_, is_whole))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """`Retry-After` in seconds (RFC 9110, section 10.2.3): a number, or a date; None where there is none of sense."""
    said = headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdigit():
        return float(said[:9])
    try:
        at = parsedate_to_datetime(said)
    except (TypeError, ValueError):
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
