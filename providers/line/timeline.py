"""How the breakers of a provider stood over a span of time, from their transitions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from providers.line.breaker import REST, State
from providers.models import BreakerTransition

MOST: Final = 5_000
"""Transitions that are read of a provider: two breakers that open twice a minute for a day."""


@dataclass(frozen=True, slots=True)
class Span:
    """A time in which a breaker stood so."""

    state: State
    began: datetime
    ended: datetime

    @property
    def seconds(self) -> float:
        """How long."""
        return (self.ended - self.began).total_seconds()


@dataclass(frozen=True)
class Timeline:
    """One breaker's spans, in their order, without gaps."""

    model_id: str
    """Empty: the provider's own breaker."""
    spans: Sequence[Span]

    def share(self, state: State) -> float:
        """Of the time, between 0 and 1."""
        whole = sum(span.seconds for span in self.spans)
        return sum(span.seconds for span in self.spans if span.state is state) / whole if whole else 0.0

    def seconds_in(self, state: State, *, since: datetime, step: timedelta, number: int) -> list[float]:
        """How long it stood so in each of so many steps."""
        found = [0.0] * number
        for span in self.spans:
            if span.state is not state:
                continue
            at = max(0, (span.began - since) // step)
            while at < number and since + step * at < span.ended:
                began, ended = max(span.began, since + step * at), min(span.ended, since + step * (at + 1))
                found[at] += max(0.0, (ended - began).total_seconds())
                at += 1
        return found


def transitions_of(provider: str, *, since: datetime, before: datetime) -> list[BreakerTransition]:
    """The newest ones of that time, the newest first."""
    rows = BreakerTransition.objects.filter(provider=provider, at__gte=since, at__lt=before)
    return list(rows.order_by("-at", "-id")[:MOST])


def timelines_of(
    provider: str, transitions: Iterable[BreakerTransition], *, since: datetime, before: datetime
) -> list[Timeline]:
    """The provider's own breaker first, then those of its models that were not closed all the time."""
    last = (
        BreakerTransition.objects.filter(provider=provider, at__lt=since)
        .order_by("model_id", "-at", "-id")
        .distinct("model_id")
    )
    at_first = {row.model_id: row for row in last if row.to_state != State.CLOSED}
    by_model: dict[str, list[BreakerTransition]] = {"": [], **{model: [] for model in at_first}}
    for row in sorted(transitions, key=lambda each: (each.at, each.id)):
        by_model.setdefault(row.model_id, []).append(row)
    return [
        Timeline(model, spans(at_first.get(model), rows, since=since, before=before))
        for model, rows in sorted(by_model.items())
    ]


def spans(
    first: BreakerTransition | None, rows: Sequence[BreakerTransition], *, since: datetime, before: datetime
) -> list[Span]:
    """`first` is the last transition before `since`; `rows` those since, the oldest first.

    An open breaker has rested after REST: from then on it lets a call through, whether or not one comes.
    """
    found: list[Span] = []
    start = State(first.to_state) if first else State(rows[0].from_state) if rows else State.CLOSED
    moments = [(first.at if first else since, start), *((row.at, State(row.to_state)) for row in rows)]
    for at, (began, state) in enumerate(moments):
        ended = moments[at + 1][0] if at + 1 < len(moments) else before
        rested = began + timedelta(seconds=REST)
        parts = [(state, began, ended)]
        if state is State.OPEN and rested < ended:
            parts = [(State.OPEN, began, rested), (State.HALF_OPEN, rested, ended)]
        found += [Span(each, max(one, since), min(other, before)) for each, one, other in parts if other > since]
    return [span for span in found if span.ended > span.began]
