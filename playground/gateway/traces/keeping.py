"""Spans become history: each call once, however often its exporter sends it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest

from accounts.models import User
from foundation.words import number
from playground.engine import lifecycle
from playground.gateway.traces.conventions.reading import call_of
from playground.gateway.traces.places import Places
from playground.gateway.traces.rows import execution_of, id_of, project_of, service_of
from playground.gateway.traces.span import Span
from playground.gateway.traces.twice import Told, told_once
from playground.models import PromptExecution
from sessions_app.models import PlaygroundSession

BATCH: Final = 200
MOST_CALLS: Final = 2_000
"""That one request brings; exporters send 512 spans at a time unless they are told otherwise."""
MOST_BYTES: Final = 8 * 2**20
"""Of what one call was asked and answered, as JSON."""
_ONE_AT_A_TIME: Final = "SELECT pg_advisory_xact_lock(hashtext('traces'), hashtext(%s))"

Heard = Callable[[User, list[UUID]], None]
_listeners: list[Heard] = []


def on_calls(listener: Heard) -> None:
    """Has `listener` hear of new calls, in their transaction: whose they are, and the ids of their executions."""
    _listeners.append(listener)


@dataclass(slots=True)
class Outcome:
    """What came of a request."""

    kept: list[UUID] = field(default_factory=list)
    """Executions that are new."""
    known: int = 0
    """Spans of calls that were here already, or that another span tells of."""
    others: int = 0
    """Spans of something else than a call of a model: taken, and not kept."""
    rejected: int = 0
    reasons: list[str] = field(default_factory=list)
    """Why, each once."""

    def reject(self, reason: str) -> None:
        """One span that cannot be kept."""
        self.rejected += 1
        if reason not in self.reasons:
            self.reasons.append(reason)

    @property
    def message(self) -> str:
        """For people, as the protocol has it."""
        return " ".join(self.reasons)


@transaction.atomic
def keep(user: User, spans: Iterable[Span], *, now: datetime) -> Outcome:
    """Writes the calls among the spans, all or none."""
    outcome = Outcome()
    with connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME, [str(user.id)])
    made = _rows(user, spans, outcome, now=now)
    there = set(PromptExecution.objects.filter(id__in=list(made)).values_list("id", flat=True))
    outcome.known += len(there)
    new = [row for row in made.values() if row.id not in there]
    PromptExecution.objects.bulk_create(new, batch_size=BATCH)
    _count(new)
    outcome.kept = [row.id for row in new]
    if new:
        lifecycle.keep(outcome.kept)
        for listener in _listeners:
            listener(user, outcome.kept)
    return outcome


def _rows(user: User, spans: Iterable[Span], outcome: Outcome, *, now: datetime) -> dict[UUID, PromptExecution]:
    places, made = Places(user), dict[UUID, PromptExecution]()
    for span, call in _calls(spans, outcome):
        if (execution_id := id_of(user, span)) in made:
            outcome.known += 1
        elif len(made) >= MOST_CALLS:
            outcome.reject(f"Up to {number(MOST_CALLS)} calls are taken at once.")
        else:
            place = places.of(service=service_of(span), project=project_of(span), conversation=call.conversation)
            row = execution_of(user, place.id, span, call, now=now)
            if len(orjson.dumps([row.request, row.answer])) > MOST_BYTES:
                outcome.reject(f"The texts of a call are kept up to {MOST_BYTES // 2**20} MB.")
            else:
                made[execution_id] = row
    return made


def _calls(spans: Iterable[Span], outcome: Outcome) -> list[Told]:
    found: list[Told] = []
    for span in spans:
        call = call_of(span)
        if call is None:
            outcome.others += 1
        elif fault := span.fault:
            outcome.reject(fault)
        else:
            found.append((span, call))
    once = told_once(found)
    outcome.known += len(found) - len(once)
    return once


def _count(rows: list[PromptExecution]) -> None:
    """Sessions count what lies in them. What a call elsewhere cost was not spent here: their total stays."""
    of_session = defaultdict[UUID, list[PromptExecution]](list)
    for row in rows:
        of_session[row.session_id].append(row)
    for session_id, those in sorted(of_session.items()):
        last = max(row.ended_at for row in those if row.ended_at)
        PlaygroundSession.objects.filter(id=session_id).update(
            execution_count=F("execution_count") + len(those), last_executed=Greatest(F("last_executed"), last)
        )
