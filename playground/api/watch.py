"""Rights while streams are open: what was taken away ends them within seconds, at every door alike.

One look-up serves all open streams of the same credentials, and goes on beside them: no stream waits for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import DatabaseError
from django.http import HttpRequest
from django.http.cookie import parse_cookie

from accounts import networks
from accounts.authentication import TRUSTED_FOR, Caller, authenticate
from accounts.models import User
from accounts.noting import asking, note_refusal
from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from playground.models import PromptExecution
from quotas.rate_limits.classes import RequestClass
from quotas.rate_limits.limiting import limiter

logger = logging.getLogger(__name__)

NOT_SIGNED_IN: Final = 4401
RIGHTS_TAKEN_AWAY: Final = 4403
NOT_FOUND: Final = 4404
TOO_MANY: Final = 4429

Seen = Callable[[User, set[UUID]], set[UUID]]
"""Which of these a user may see; asked in a thread of the database's."""


class Credentials(NamedTuple):
    """What a reader has shown."""

    authorization: str
    session_key: str | None

    async def caller(self) -> Caller | None:
        """Who that is now; None for nobody."""
        # A new store each time: one that was read keeps what it has read.
        store: SessionBase = import_module(settings.SESSION_ENGINE).SessionStore(self.session_key)
        try:
            return await authenticate(authorization=self.authorization, session=store)
        except Problem:
            return None


def credentials_of_request(request: HttpRequest) -> Credentials:
    """Those of a request."""
    return Credentials(request.META.get("HTTP_AUTHORIZATION", ""), request.COOKIES.get(settings.SESSION_COOKIE_NAME))


def credentials_of_socket(scope: Any) -> Credentials:
    """Those of a socket's opening request."""
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    cookies = parse_cookie(headers.get(b"cookie", ""))
    return Credentials(headers.get(b"authorization", ""), cookies.get(settings.SESSION_COOKIE_NAME))


class Watch:
    """Whether one reader may still see one thing."""

    def __init__(self, credentials: Credentials, seen: Seen, watched: UUID) -> None:
        self.user: User | None = None
        self.is_over = False
        """Whether the rights are gone."""
        self.watched = watched
        self._credentials = credentials
        self._seen = seen

    async def refusal(self, *, path: str) -> int:
        """The socket code of the refusal at this address; 0 for a reader who may see it."""
        caller = await self._credentials.caller()
        if caller is None:
            return NOT_SIGNED_IN
        self.user = caller.user
        decided = await limiter().ask(user_id=self.user.id, request_class=RequestClass.STREAMING)
        if decided is not None and not decided.is_allowed:
            return TOO_MANY
        await networks.note(self.user.id, by=caller.by)
        try:
            caller.check_scope("GET", path)
        except Problem:
            with asking(self.user, by=caller.by):
                await note_refusal(f"GET {path.rpartition('/')[0]}")
            return RIGHTS_TAKEN_AWAY
        return 0 if await in_database_thread(self._seen, self.user, {self.watched}) else NOT_FOUND

    @contextmanager
    def kept(self) -> Iterator[None]:
        """While this is open, the rights are looked up every few seconds."""
        key = (self._credentials, self._seen)
        round_ = _rounds.get(key)
        if round_ is None:
            round_ = _rounds[key] = _Round(self._credentials, self._seen)
        round_.watches.add(self)
        try:
            yield
        finally:
            round_.watches.discard(self)
            if not round_.watches:
                round_.looking.cancel()
                _rounds.pop(key, None)


class _Round:
    """The look-ups for all watches of the same credentials on things of one kind."""

    def __init__(self, credentials: Credentials, seen: Seen) -> None:
        self.watches: set[Watch] = set()
        self._credentials = credentials
        self._seen = seen
        self.looking = asyncio.create_task(self._look())

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(TRUSTED_FOR)
            try:
                caller = await self._credentials.caller()
                wanted = {watch.watched for watch in self.watches}
                seen = await in_database_thread(self._seen, caller.user, wanted) if caller else set()
            except DatabaseError as error:
                # A database that is away takes nobody's rights away; it is asked again.
                logger.warning("rights_unread", extra={"reason": type(error).__name__})
                continue
            except Exception:
                # Whatever it was: rights must not stop being looked up.
                logger.exception("rights_unread")
                continue
            for watch in self.watches:
                if watch.watched in wanted:
                    watch.is_over = watch.watched not in seen


_rounds: dict[tuple[Credentials, Seen], _Round] = {}


def executions_seen(user: User, execution_ids: set[UUID]) -> set[UUID]:
    """Which of these executions `user` may read."""
    return PromptExecution.objects.seen_by(user, execution_ids)
