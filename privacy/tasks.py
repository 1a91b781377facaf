"""Background work of privacy; each task is harmless when run twice."""

from __future__ import annotations

import logging
import time
from typing import Any, Final
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from privacy.erasure import erasing, lifecycle
from privacy.own_data import making
from privacy.retention import running

logger = logging.getLogger(__name__)

EVERY: Final = 10.0
"""Seconds between two looks for what waits."""
TURN: Final = 60.0
"""Seconds of one task: a longer one would be delivered again while it works."""


@shared_task
def keep_no_longer(**kwargs: Any) -> None:
    """Once a night: removes what rules say has been kept long enough."""
    if not running.is_due(now=timezone.now()):
        return
    go_on.delay(run_id=str(running.begin(is_dry=False).id))


@shared_task
def go_on(*, run_id: str, **kwargs: Any) -> None:
    """A turn of a run; the next one is rung for where it is not done."""
    run = running.unfinished(UUID(run_id))
    ends = time.monotonic() + TURN
    if run is not None and not running.work(run, is_over=lambda: time.monotonic() > ends):
        go_on.delay(run_id=run_id)


@shared_task
def make_own_data(*, own_data_id: str, **kwargs: Any) -> None:
    """Makes a file of somebody's own data."""
    making.make(UUID(own_data_id))


@shared_task
def erase(*, erasure_id: str, **kwargs: Any) -> None:
    """A turn of an erasure; the next one is rung for where it is not done."""
    ends = time.monotonic() + TURN
    erasing.go_on(UUID(erasure_id), is_over=lambda: time.monotonic() > ends)


@shared_task
def tend(**kwargs: Any) -> None:
    """Rings for what waits, or was left by a worker that died; sweeps files of one's own data that have expired."""
    now = timezone.now()
    for erasure_id in lifecycle.waiting(now=now).values_list("id", flat=True)[:100]:
        erase.apply_async(kwargs={"erasure_id": str(erasure_id)}, expires=2 * EVERY)
    for own_data_id in making.waiting(now=now).values_list("id", flat=True)[:100]:
        make_own_data.apply_async(kwargs={"own_data_id": str(own_data_id)}, expires=2 * EVERY)
    if removed := making.sweep(now=now):
        logger.info("own_data_removed", extra={"files": removed})
