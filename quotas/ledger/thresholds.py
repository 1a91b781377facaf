"""Shares of limits that were reached, each told once a period."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, NamedTuple

from django.db import connection, transaction

from foundation import effects
from quotas.ledger.telling import tell
from quotas.models import SubjectKind

SHARES: Final = (50, 80, 100)
"""Percent."""
_REACHED: Final = """
WITH current AS (
    SELECT u.id, u.subject_kind, u.subject_id, u.period, u.executions, u.tokens, u.cost,
        l.executions AS most_executions, l.tokens AS most_tokens, l.cost AS most_cost
    FROM quota_usage u CROSS JOIN LATERAL (
        SELECT * FROM quota_limits l
        WHERE l.subject_kind = u.subject_kind AND l.period = u.period AND l.subject_id IN (u.subject_id, '*')
        ORDER BY l.subject_id = '*' LIMIT 1
    ) l
    WHERE u.starts_on = date_trunc(u.period, now() AT TIME ZONE u.time_zone)::date AND u.subject_kind <> 'throttle'
), measured AS (
    SELECT id, subject_kind, subject_id, period, m.measure, m.used, m.most FROM current CROSS JOIN LATERAL (
        VALUES ('executions', executions::numeric, most_executions::numeric), ('tokens', tokens, most_tokens),
            ('cost', cost, most_cost)
    ) m(measure, used, most) WHERE m.most IS NOT NULL AND m.used > 0
), reached AS (
    INSERT INTO quota_alerts (usage_id, measure, percent, reached_at)
    SELECT m.id, m.measure, s.percent, now() FROM measured m CROSS JOIN unnest(%s::smallint[]) AS s(percent)
    WHERE m.used * 100 >= m.most * s.percent
    ON CONFLICT DO NOTHING RETURNING usage_id, measure, percent
), quota_threshold AS (
    SELECT m.subject_kind, m.subject_id, m.period, m.measure, m.most AS "limit", m.used, max(r.percent) AS percent
    FROM reached r JOIN measured m ON m.id = r.usage_id AND m.measure = r.measure GROUP BY 1, 2, 3, 4, 5, 6
)
"""


class Reached(NamedTuple):
    """One share, the highest that a limit has passed since the last look."""

    subject_kind: str
    subject_id: str
    period: str
    measure: str
    limit: Decimal
    used: Decimal
    percent: int


@transaction.atomic
def look() -> list[Reached]:
    """Notes every share that was reached and not told before, in one transaction with the effects of
    `quota_threshold_reached`, which read `quota_threshold`, whose columns are those of Reached; and with what
    those are notified of whom it concerns."""
    statements = effects.registered("quota_threshold_reached").values()
    told = ' SELECT subject_kind, subject_id, period, measure, "limit", used, percent FROM quota_threshold'
    with connection.cursor() as cursor:
        cursor.execute(", ".join([_REACHED, *statements]) + told, [list(SHARES)])
        found = [Reached(*row) for row in cursor.fetchall()]
    for each in found:
        tell(
            kind=SubjectKind(each.subject_kind), subject_id=each.subject_id,
            measure=each.measure, period=each.period, percent=each.percent,
        )  # fmt: skip
    return found
