"""How a person stands: every limit that their next execution would meet, with what is used and set aside of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import connection

from quotas.models import Measure, Period, QuotaLimit, SubjectKind

_METS: Final = """
SELECT s.kind, s.subject_id, s.time_zone FROM quotas_subjects(%(user)s, %(project)s, %(token)s) s
"""
_ONE: Final = "SELECT %(kind)s::text AS kind, %(subject)s::text AS subject_id, {zone} AS time_zone"
_ZONES: Final = {
    SubjectKind.ORGANISATION: "(SELECT time_zone FROM organisations WHERE key = %(subject)s)",
    SubjectKind.USER: """(
        SELECT o.time_zone FROM users u JOIN organisations o ON o.key = u.organisation WHERE u.id::text = %(subject)s
    )""",
    SubjectKind.TEAM: """(
        SELECT o.time_zone FROM teams t JOIN organisations o ON o.key = t.organisation WHERE t.id::text = %(subject)s
    )""",
    SubjectKind.TOKEN: """(
        SELECT o.time_zone FROM api_tokens a JOIN users u ON u.id = a.user_id
            JOIN organisations o ON o.key = u.organisation WHERE a.id::text = %(subject)s
    )""",
    SubjectKind.PROJECT: "NULL",
}
_STANDINGS: Final = """
WITH subjects AS ({subjects}), limited AS (
    SELECT DISTINCT ON (s.kind, s.subject_id, l.period) s.kind, s.subject_id, s.time_zone, l.period, l.executions,
        l.tokens, l.cost, l.is_hard, l.subject_id = '*' AS is_default,
        date_trunc(l.period, now() AT TIME ZONE s.time_zone) AS starts_on
    FROM subjects s JOIN quota_limits l ON l.subject_kind = s.kind AND l.subject_id IN (s.subject_id, '*')
    ORDER BY s.kind, s.subject_id, l.period, l.subject_id = '*'
)
SELECT l.kind, l.subject_id, l.period, l.is_hard, l.is_default, l.time_zone, l.starts_on::date,
    l.starts_on AT TIME ZONE l.time_zone,
    (l.starts_on + ('1 ' || l.period)::interval) AT TIME ZONE l.time_zone, coalesce(u.is_whole, false),
    l.executions, coalesce(u.executions, 0), h.executions,
    l.tokens, coalesce(u.tokens, 0), h.tokens,
    l.cost, coalesce(u.cost, 0), h.cost
FROM limited l LEFT JOIN quota_usage u ON u.subject_kind = l.kind AND u.subject_id = l.subject_id
        AND u.period = l.period AND u.starts_on = l.starts_on::date
    CROSS JOIN LATERAL (
        SELECT count(*) AS executions, coalesce(sum(tokens), 0)::bigint AS tokens, coalesce(sum(cost), 0) AS cost
        FROM quota_holds h WHERE h.usage_id = u.id
    ) h
ORDER BY array_position(ARRAY['throttle', 'user', 'token', 'team', 'project', 'organisation'], l.kind), l.subject_id,
    l.period
"""


@dataclass(frozen=True)
class Amount:
    """One measure of a limit; cost in USD."""

    measure: Measure
    limit: Decimal
    used: Decimal
    reserved: Decimal
    """Set aside for executions that go on."""

    @property
    def left(self) -> Decimal:
        """What may still be set aside."""
        return max(Decimal(0), self.limit - self.used - self.reserved)

    @property
    def share(self) -> float:
        """Used, of the limit; above 1 where a soft limit was passed, 1 where nothing is allowed at all."""
        return float(self.used / self.limit) if self.limit else 1.0

    def pace(self, elapsed: float) -> Decimal | None:
        """What the period comes to if it goes on as so far; None in its first part, which says little."""
        return self.used / Decimal(elapsed) if elapsed >= EARLY else None


EARLY: Final = 0.05
"""Share of a period before which no pace is told."""


@dataclass(frozen=True)
class Standing:
    """A limit as it stands in its period."""

    subject_kind: SubjectKind
    subject_id: str
    period: Period
    is_hard: bool
    is_default: bool
    """Whether it holds for everybody who has none of their own."""
    time_zone: str
    starts_on: date
    starts_at: datetime
    ends_at: datetime
    is_whole: bool
    """Whether executions from before the limit was set are counted already."""
    amounts: tuple[Amount, ...]
    """Of the measures that have a limit."""

    def elapsed(self, now: datetime) -> float:
        """How much of the period is over, 0 to 1."""
        return min(1.0, max(0.0, (now - self.starts_at) / (self.ends_at - self.starts_at)))


def standings_of(*, user_id: UUID, project_id: str = "", token_id: UUID | None = None) -> list[Standing]:
    """Every limit that an execution of this user would meet, in this project and by this token."""
    return _read(_METS, {"user": user_id, "project": project_id, "token": token_id})


def standings_at(*, kind: SubjectKind, subject_id: str) -> list[Standing]:
    """The limits of one subject."""
    one = _ONE.format(zone=f"coalesce({_ZONES[kind]}, 'UTC')")
    return _read(one, {"kind": kind.value, "subject": subject_id})


def are_there_limits() -> bool:
    """Whether anybody has one."""
    return QuotaLimit.objects.exists()


def _read(subjects: str, values: dict[str, Any]) -> list[Standing]:
    with connection.cursor() as cursor:
        cursor.execute(_STANDINGS.format(subjects=subjects), values)
        return [_standing(row) for row in cursor.fetchall()]


def _standing(row: Sequence[Any]) -> Standing:
    kind, subject_id, period, is_hard, is_default, time_zone, starts_on, starts_at, ends_at, is_whole, *figures = row
    triples = zip(Measure, zip(*(iter(figures),) * 3, strict=True), strict=True)
    amounts = (Amount(measure, *map(Decimal, three)) for measure, three in triples if three[0] is not None)
    return Standing(
        SubjectKind(kind), subject_id, Period(period), is_hard, is_default, time_zone, starts_on, starts_at, ends_at,
        is_whole, tuple(amounts),
    )  # fmt: skip
