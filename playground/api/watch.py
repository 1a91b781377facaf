"""Rights while a stream is open: what was taken away ends it within seconds, at every door alike."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import DatabaseError
from django.http.cookie import parse_cookie

from accounts.authentication import TRUSTED_FOR, authenticate
from accounts.models import User
from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from playground.models import PromptExecution

NOT_SIGNED_IN: Final = 4401
RIGHTS_TAKEN_AWAY: Final = 4403
NOT_FOUND: Final = 4404
LOOKED_UP_WITHIN: Final = 0.5
"""Seconds that a stream pauses for the look-up; then it goes on and hears of it later."""


class Watch:
    """Whether one reader may still see one thing; asked at every batch, answered anew every few seconds.

    `may_see` is asked in a thread of the database's.
    """

    def __init__(self, may_see: Callable[[User], bool], *, authorization: str, session_key: str | None) -> None:
        self.user: User | None = None
        self._may_see = may_see
        self._authorization = authorization
        self._session_key = session_key
        self._asked_at = time.monotonic()
        self._asking: asyncio.Task[bool] | None = None

    async def refusal(self) -> int:
        """The socket code of the refusal; 0 for a reader who may see the execution."""
        self._asked_at = time.monotonic()
        try:
            user = await authenticate(authorization=self._authorization, session=self._session())
        except Problem:
            return NOT_SIGNED_IN
        if user is None:
            return NOT_SIGNED_IN
        self.user = user
        return 0 if await in_database_thread(self._may_see, user) else NOT_FOUND

    async def has_ended(self) -> bool:
        """Whether the rights are gone; looks them up once every few seconds only, and does not wait for long."""
        if self._asking is None and time.monotonic() > self._asked_at + TRUSTED_FOR:
            self._asking = asyncio.create_task(self._are_gone())
            await asyncio.wait([self._asking], timeout=LOOKED_UP_WITHIN)
        if self._asking is None or not self._asking.done():
            return False
        asked, self._asking = self._asking, None
        return asked.result()

    async def _are_gone(self) -> bool:
        try:
            return bool(await self.refusal())
        except DatabaseError:
            # A database that is away takes nobody's rights away; it is asked again.
            return False

    def _session(self) -> SessionBase:
        # A new store each time: one that was read keeps what it has read.
        store: SessionBase = import_module(settings.SESSION_ENGINE).SessionStore(self._session_key)
        return store


def sees_execution(execution_id: UUID) -> Callable[[User], bool]:
    """For `Watch`: whether somebody may see the execution."""
    return lambda user: PromptExecution.objects.is_seen_by(user, execution_id)


def watch_of(scope: Any, may_see: Callable[[User], bool]) -> Watch:
    """The watch of a socket's reader."""
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    cookies = parse_cookie(headers.get(b"cookie", ""))
    authorization = headers.get(b"authorization", "")
    return Watch(may_see, authorization=authorization, session_key=cookies.get(settings.SESSION_COOKIE_NAME))
