"""Background work of privacy; each task is harmless when run twice."""

from __future__ import annotations

import time
from typing import Any, Final
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from privacy.retention import running

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
