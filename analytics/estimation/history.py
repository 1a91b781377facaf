"""How calls like this one went: the newest that completed, read within bounds."""

# ruff: noqa: S608 - put together from statements of our own

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

from accounts.models import User
from analytics.bills.ledger import NOBODY_BILLED
from sessions_app.models import PlaygroundSession

DAYS: Final = 90
MOST: Final = 1_000
"""Calls that are looked at, the newest."""
LEAST: Final = 5
"""Calls; fewer are no basis."""
LEAST_OF_ALL, LEAST_PEOPLE = 20, 3
"""Calls and their people, where they are those of everybody: nobody's are told alone."""
PATIENCE: Final = 1_500
"""Milliseconds that one look may take."""
SPANS: Final = (2, 14, DAYS)
"""Days: everybody's calls are looked at from the nearest on, so that busy models are read by their newest alone."""
_SEEN: Final = """
    e.model_id, e.prompt_tokens, e.completion_tokens,
    coalesce((e.billing->'details'->>'cache_read_tokens')::bigint, 0),
    coalesce((e.billing->'details'->>'cache_write_tokens')::bigint, 0),
    coalesce((e.billing->'details'->>'reasoning_tokens')::bigint, 0),
    e.session_id, e.user_id, e.created_at
"""
_COUNTS: Final = """
    e.status = 'completed' AND e.completion_tokens > 0 AND e.created_at >= %s
    AND e.origin <> 'trace' AND NOT jsonb_exists_any(e.metadata, %s)
    AND e.metadata->'cached' IS DISTINCT FROM 'true'::jsonb
"""
_OF_TEMPLATE: Final = f"""
SELECT seen.* FROM template_versions v CROSS JOIN LATERAL (
    SELECT {_SEEN} FROM prompt_executions e
    WHERE e.template_version_id = v.id AND {_COUNTS}
    ORDER BY e.created_at DESC LIMIT %s
) seen
WHERE v.template_id = %s
ORDER BY seen.created_at DESC LIMIT %s
"""
_OF_PERSON: Final = f"""
SELECT {_SEEN} FROM prompt_executions e
WHERE e.user_id = %s AND e.model_id = %s AND {_COUNTS}
ORDER BY e.created_at DESC LIMIT %s
"""
_OF_SESSION: Final = f"""
SELECT {_SEEN} FROM prompt_executions e
WHERE e.session_id = %s AND e.model_id = %s AND {_COUNTS}
ORDER BY e.created_at DESC LIMIT %s
"""
_OF_ALL: Final = f"""
SELECT {_SEEN} FROM prompt_executions e
WHERE e.model_id = %s AND {_COUNTS}
LIMIT %s
"""


class Call(NamedTuple):
    """What one call took, as its provider counted it."""

    model_id: str
    prompt: int
    completion: int
    cache_read: int
    cache_write: int
    reasoning: int

    @property
    def read_share(self) -> float:
        """Of the input, what was read from the provider's cache."""
        return min(self.cache_read / self.prompt, 1.0) if self.prompt else 0.0

    @property
    def write_share(self) -> float:
        """Of the input, what was written to it."""
        return min(self.cache_write / self.prompt, 1.0) if self.prompt else 0.0


@dataclass(frozen=True, slots=True)
class History:
    """Calls that stand for those to come, the newest first, and why they do."""

    basis: str
    """template_and_model, template, session, own_model, model; none where there is nothing to go by."""
    calls: tuple[Call, ...] = ()
    too_slow: tuple[str, ...] = ()
    """Bases that could not be looked at in time."""

    @property
    def is_of_model(self) -> bool:
        """Whether they were answered by the very model: then its caching is known as well."""
        return self.basis not in ("none", "template")

    @property
    def is_of_this(self) -> bool:
        """Whether they were asked about the same thing by the same model: then their input is like this one's."""
        return self.basis == "template_and_model"


class Reader:
    """Looks for the calls that stand for those of one estimate, model by model.

    Of a template, calls in sessions that the user may read. Copies, imports, answers out of a cache and calls made
    elsewhere do not count. What took too long for one model is not looked at for the next.
    """

    def __init__(self, user: User, *, template_id: UUID | None, session_id: UUID | None, at: datetime) -> None:
        self._user = user
        self._template_id = template_id
        self._session_id = session_id
        self._at = at
        self._of_template: list[Call] | None = None
        self._too_slow: list[str] = []

    def history_of(self, model_id: str) -> History:
        """The nearest basis with enough calls: this template on this model, this template on others, the session on
        this model, the user's own calls of this model, everybody's.
        """
        for basis, calls in self._looks(model_id):
            if len(calls) >= LEAST:
                return History(basis, tuple(calls[:MOST]), tuple(self._too_slow))
        return History("none", too_slow=tuple(self._too_slow))

    def _looks(self, model_id: str) -> Iterator[tuple[str, list[Call]]]:
        counts = [self._at - timedelta(days=DAYS), NOBODY_BILLED]
        if self._template_id is not None:
            if self._of_template is None:
                rows = self._rows("template", _OF_TEMPLATE, [*counts, MOST, self._template_id, MOST])
                self._of_template = _calls(_visible(self._user, rows))
            yield "template_and_model", [call for call in self._of_template if call.model_id == model_id]
            yield "template", self._of_template
        if self._session_id is not None:
            yield "session", _calls(self._rows("session", _OF_SESSION, [self._session_id, model_id, *counts, MOST]))
        yield "own_model", _calls(self._rows("own_model", _OF_PERSON, [self._user.id, model_id, *counts, MOST]))
        yield "model", _calls(self._of_all(model_id))

    def _of_all(self, model_id: str) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        for days in SPANS:
            since = self._at - timedelta(days=days)
            rows = self._rows("model", _OF_ALL, [model_id, since, NOBODY_BILLED, MOST]) or rows
            if len(rows) >= MOST // 2:
                break
        people = {row[7] for row in rows}
        return rows if len(rows) >= LEAST_OF_ALL and len(people) >= LEAST_PEOPLE else []

    def _rows(self, basis: str, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        if basis in self._too_slow:
            return []
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {PATIENCE}")
                cursor.execute(statement, parameters)
                return list(cursor.fetchall())
        except OperationalError as error:
            if not isinstance(error.__cause__, QueryCanceled):
                raise
            self._too_slow.append(basis)
            return []


def _visible(user: User, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    named = {row[6] for row in rows}
    if not named:
        return []
    seen = set(PlaygroundSession.objects.visible_to(user).filter(id__in=named).values_list("id", flat=True))
    return [row for row in rows if row[6] in seen]


def _calls(rows: list[tuple[Any, ...]]) -> list[Call]:
    return [Call(*row[:6]) for row in rows]
