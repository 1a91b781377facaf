"""How one provider did over days: its breakers, what failed, how long its answers took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from foundation.problems import not_found
from monitoring.calls.failures import Slot, slots_of
from providers.line.timeline import Timeline, timelines_of, transitions_of
from providers.models import BreakerTransition, Provider
from providers.registry import BUILT_IN

STEPS: Final = {7: timedelta(hours=1), 30: timedelta(hours=4)}
"""By the days that can be asked for."""


@dataclass(frozen=True)
class ProviderHistory:
    """Of one provider; the last step is the one that goes on."""

    provider: str
    since: datetime
    before: datetime
    step: timedelta
    transitions: Sequence[BreakerTransition]
    """The newest first."""
    timelines: Sequence[Timeline]
    """The provider's own breaker first, then those of models that were not closed all the time."""
    slots: Sequence[Slot]


def history_of(provider: str, *, days: int, now: datetime) -> ProviderHistory:
    """`days` is one of STEPS. A Problem: 404 for a provider that never was here, 503 where it is too much to sum up."""
    is_known = (
        provider in BUILT_IN
        or Provider.objects.filter(slug=provider).exists()
        or BreakerTransition.objects.filter(provider=provider).exists()
    )
    if not is_known:
        raise not_found("The provider")
    step = STEPS[days]
    since = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1) - timedelta(days=days)
    transitions = transitions_of(provider, since=since, before=now)
    return ProviderHistory(
        provider=provider,
        since=since,
        before=now,
        step=step,
        transitions=transitions,
        timelines=timelines_of(provider, transitions, since=since, before=now),
        slots=slots_of(provider, since=since, before=now, step=step),
    )
