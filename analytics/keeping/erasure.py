"""What becomes of a person's figures and anomalies when they are erased."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from analytics.models import Anomaly, SubjectKind, UsageHour, WeeklyReport
from analytics.usage.rolling_up import OF_DAYS, added
from privacy.erasure.steps import Stage, register


def declare() -> None:
    """To be called when the app is ready."""
    register(Stage.PERSON, "anomalies", _anomalies)
    register(Stage.PERSON, "usage by day", _usage)


def _anomalies(user_id: UUID) -> int:
    gone = Anomaly.objects.filter(subject_kind=SubjectKind.USER, subject_id=str(user_id)).delete()[0]
    gone += WeeklyReport.objects.filter(user_id=user_id).delete()[0]
    gone += UsageHour.objects.filter(user_id=user_id).delete()[0]
    gone += Anomaly.objects.filter(dismissed_by_id=user_id).exclude(dismissal="").update(dismissal="")
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, {"id": str(user_id)})
        return gone + int(cursor.rowcount)


def _usage(user_id: UUID) -> int:
    """What they used stays in the sums, under nobody."""
    with connection.cursor() as cursor:
        cursor.execute(_NOBODYS, [str(user_id)])
        return int(cursor.fetchone()[0])


_NOBODYS = f"""
WITH gone AS (
    DELETE FROM usage_days WHERE kind = 'user' AND key = %s RETURNING *
), added AS (
    INSERT INTO usage_days (kind, day, key, {", ".join(OF_DAYS)})
    SELECT kind, day, '', {", ".join(OF_DAYS)} FROM gone
    ON CONFLICT (kind, day, key) DO UPDATE SET {added("usage_days", OF_DAYS)}
)
SELECT count(*) FROM gone
"""  # noqa: S608 - put together from constants
_FORGET = """
UPDATE anomalies SET evidence = jsonb_set(evidence, '{contributors}', coalesce((
    SELECT jsonb_agg(c) FROM jsonb_array_elements(evidence->'contributors') AS c WHERE c->>'id' <> %(id)s
), '[]'))
WHERE evidence->'contributors' @> jsonb_build_array(jsonb_build_object('id', %(id)s::text))
"""
