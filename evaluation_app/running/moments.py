"""The moments of a test that other apps may have effects at (foundation.effects): `evaluation_started` and
`evaluation_ended`, each once a start and once an end, in their transaction.

An effect reads the row of `test`: test_id, user_id, project_id (empty: of none), name, status, success_rate,
average_score, recommendations (a JSON list of their titles) and baseline (how it compares with it, as JSON); the
figures are null before the end.
"""

from __future__ import annotations

from typing import Final, Literal
from uuid import UUID

from django.db import connection

from foundation import effects

Moment = Literal["evaluation_started", "evaluation_ended"]
_TEST: Final = """
WITH test AS MATERIALIZED (
    SELECT id AS test_id, user_id, coalesce(policy ->> 'project_id', '') AS project_id, name, status,
        (results ->> 'success_rate')::float8 AS success_rate,
        (results ->> 'average_score')::float8 AS average_score,
        coalesce(jsonb_path_query_array(results, '$.recommendations[*].title'), '[]') AS recommendations,
        coalesce(nullif(results -> 'baseline', 'null'), '{}') AS baseline
    FROM evaluation_tests WHERE id = %(test)s
)
"""


def come(moment: Moment, test_id: UUID) -> None:
    """Has every effect of the moment done; to be called in the transaction of the change itself."""
    if statements := effects.registered(moment):
        with connection.cursor() as cursor:
            whole = ", ".join([_TEST, *statements.values()]) + " SELECT test_id FROM test"  # noqa: S608 - ours
            cursor.execute(whole, {"test": test_id})
