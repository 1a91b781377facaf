"""A sample of every minute, taken beside the engine of a web process: where no worker lives, somebody still looks.

Each web process comes a moment after the minute's beginning, each at another; the first to write has the minute, and
the others see that it is there. What comes after a sample is done by who wrote it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import orjson
from django.db import connection, connections
from django.db.models.functions import Now

from accounts.notifying.mailing import mail_due
from foundation.database.threads import in_database_thread
from foundation.metrics import processes
from foundation.metrics.families import counted
from foundation.metrics.standing import standing
from monitoring.models import Sample
from monitoring.samples.figures import Figures, figures_of
from playground.engine.host import Companion, Engine, Role
from playground.models import RunnerLease

logger = logging.getLogger(__name__)

SPREAD: Final = 6
"""Seconds over which processes come."""
AGAIN: Final = 5.0
"""Seconds after which what failed is tried again, as long as the minute lasts."""

WRITE: Final = """
INSERT INTO monitoring_samples (minute, host, figures) VALUES (%s, %s, %s)
ON CONFLICT (minute, host) DO NOTHING RETURNING id
"""

_followers: Final[list[Callable[[Sample], None]]] = []


def after_each(follower: Callable[[Sample], None]) -> None:
    """Has it called in a thread of the database with every sample that this process wrote."""
    if follower not in _followers:
        _followers.append(follower)


def host() -> str:
    """Whose counts a sample holds: those of this machine, or of this process where processes share no folder."""
    name = socket.gethostname()[:80]
    return name if processes.folder() else f"{name}:{os.getpid()}"


def minute_of(at: datetime) -> datetime:
    """The minute's beginning."""
    return at.astimezone(UTC).replace(second=0, microsecond=0)


class Sampling(Companion):
    """Takes the sample of each minute, where nobody else has."""

    def __init__(self, engine: Engine) -> None:
        self._done: datetime | None = None
        self._not_before = 0.0
        self._mailing: asyncio.Task[None] | None = None

    async def look(self) -> None:
        """Called twice a second; does something once a minute."""
        now = datetime.now(UTC)
        minute = minute_of(now)
        if minute == self._done or now.second < os.getpid() % SPREAD or time.monotonic() < self._not_before:
            return
        self._not_before = time.monotonic() + AGAIN
        if not await in_database_thread(_is_there, minute):
            await take(minute)
        self._done = minute
        if self._mailing is None or self._mailing.done():
            self._mailing = asyncio.create_task(_mail_for_workers())

    async def stop(self) -> None:
        """What is being mailed is claimed: another process sends it later."""
        if self._mailing is not None:
            self._mailing.cancel()
            await asyncio.gather(self._mailing, return_exceptions=True)


async def take(minute: datetime) -> bool:
    """Whether this process wrote the sample of that minute; it then has it followed."""
    figures = await gathered()
    return await in_database_thread(write, minute, figures)


async def gathered() -> Figures:
    """How it stands now."""
    installation = await standing()
    return await asyncio.to_thread(lambda: figures_of([*counted().collect(), *installation.collect()]))


async def _mail_for_workers() -> None:
    """Workers mail notifications; where none lives, this process does: its death is what some tell of."""
    try:
        await asyncio.to_thread(_mail_where_no_worker_lives)
    except Exception:
        logger.exception("alerts_not_mailed")


def _mail_where_no_worker_lives() -> None:
    try:
        if not RunnerLease.objects.filter(role=Role.WORKER, expires_at__gt=Now()).exists():
            mail_due(now=datetime.now(UTC))
    finally:
        connections.close_all()


def _is_there(minute: datetime) -> bool:
    return Sample.objects.filter(minute=minute, host=host()).exists()


def write(minute: datetime, figures: Figures) -> bool:
    """Whether it was not there yet; it is followed then."""
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [minute, host(), orjson.dumps(figures).decode()])
        row = cursor.fetchone()
    if row is None:
        return False
    sample = Sample.objects.get(id=row[0])
    for follow in _followers:
        follow(sample)
    return True
