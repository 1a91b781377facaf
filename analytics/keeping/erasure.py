"""What becomes of a person's figures and anomalies when they are erased."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from analytics.models import Anomaly, SubjectKind, UsageHour
from privacy.erasure.steps import Stage, register


def declare() -> None:
    """To be called when the app is ready."""
    register(Stage.PERSON, "anomalies", _anomalies)


def _anomalies(user_id: UUID) -> int:
    gone = Anomaly.objects.filter(subject_kind=SubjectKind.USER, subject_id=str(user_id)).delete()[0]
    gone += UsageHour.objects.filter(user_id=user_id).delete()[0]
    gone += Anomaly.objects.filter(dismissed_by_id=user_id).exclude(dismissal="").update(dismissal="")
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, {"id": str(user_id)})
        return gone + int(cursor.rowcount)


_FORGET = """
UPDATE anomalies SET evidence = jsonb_set(evidence, '{contributors}', coalesce((
    SELECT jsonb_agg(c) FROM jsonb_array_elements(evidence->'contributors') AS c WHERE c->>'id' <> %(id)s
), '[]'))
WHERE evidence->'contributors' @> jsonb_build_array(jsonb_build_object('id', %(id)s::text))
"""
