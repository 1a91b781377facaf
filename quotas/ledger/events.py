"""What is told of a limit whose share was reached: the highest one, once a period."""

from __future__ import annotations

from typing import Final

from events.outbox.statements import written
from foundation import effects

REACHED: Final = written(
    "quota",
    """
    SELECT 'llm_playground.quota.threshold_reached' AS type, 'quota:' || subject_kind || ':' || subject_id AS aggregate,
        CASE WHEN subject_kind = 'user' THEN subject_id::uuid END AS user_id, NULL::uuid AS session_id,
        CASE WHEN subject_kind = 'project' THEN subject_id ELSE '' END AS project_id,
        jsonb_build_object(
            'subject', subject_kind || ':' || subject_id, 'kind', measure || '_per_' || period,
            'limit', "limit", 'used', used, 'percent', percent
        ) AS payload
    FROM quota_threshold
    """,
)


def register() -> None:
    """To be called when the app is ready."""
    effects.register("quota_threshold_reached", "events", REACHED)
