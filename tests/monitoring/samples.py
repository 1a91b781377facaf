"""Samples as the tests need them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from monitoring.models import Sample

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def a_sample(minutes: float, *, host: str = "one", since: datetime = START, **figures: Any) -> Sample:
    """Of so many minutes after the start."""
    return Sample.objects.create(minute=since + timedelta(minutes=minutes), host=host, figures=figures)


def after(minutes: float) -> datetime:
    """A time of that day."""
    return START + timedelta(minutes=minutes)
