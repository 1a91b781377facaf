"""How long a model's answers to a person were, for what the next one may cost."""

from __future__ import annotations

from typing import Final

from django.db import connection

from accounts.models import User

LOOKED_AT: Final = 300
"""Newest runs of the person, of any model: they stand in an index in the order of their time."""
LEAST: Final = 5
"""Answers; fewer tell nothing."""
_NINE_OF_TEN: Final = """
SELECT count(*), percentile_disc(0.9) WITHIN GROUP (ORDER BY seen.completion_tokens)
FROM (
    SELECT e.model_id, e.status, e.completion_tokens FROM prompt_executions e
    WHERE e.user_id = %s ORDER BY e.created_at DESC, e.id DESC LIMIT %s
) seen
WHERE seen.model_id = %s AND seen.status = 'completed' AND seen.completion_tokens > 0
"""


def usual_answer(user: User, model_id: str) -> int | None:
    """Tokens that nine of ten of this model's answers to them had at most; None where fewer than LEAST are recorded."""
    with connection.cursor() as cursor:
        cursor.execute(_NINE_OF_TEN, [user.id, LOOKED_AT, model_id])
        seen, most = cursor.fetchone() or (0, None)
    return int(most) if seen >= LEAST and most is not None else None
