"""What is told of an execution: its start and its end, each in the statement that writes it.

Nothing but ids, figures and the code of an error: no prompt, no answer, no message.
"""

from __future__ import annotations

from events.outbox.statements import written
from foundation import effects

STARTED = written(
    "started",
    """
    SELECT 'llm_playground.execution.started' AS type, 'execution:' || b.id AS aggregate, b.user_id, b.session_id,
        s.project_id, jsonb_build_object(
            'execution_id', b.id, 'user_id', b.user_id, 'session_id', b.session_id, 'model_id', b.model_id
        ) AS payload
    FROM begun b JOIN playground_sessions s ON s.id = b.session_id
    """,
)
ENDED = written(
    "told",
    """
    SELECT 'llm_playground.execution.' || e.status AS type, 'execution:' || e.id AS aggregate, e.user_id, e.session_id,
        s.project_id, jsonb_build_object(
            'execution_id', e.id, 'user_id', e.user_id, 'session_id', e.session_id, 'model_id', e.model_id,
            'execution_time', e.execution_time
        ) || CASE WHEN e.status = 'completed' THEN jsonb_build_object('token_usage', jsonb_build_object(
            'prompt_tokens', e.prompt_tokens, 'completion_tokens', e.completion_tokens,
            'total_tokens', e.prompt_tokens + e.completion_tokens, 'estimated_cost', e.estimated_cost
        )) ELSE jsonb_build_object('error_code', e.error_code) END AS payload
    FROM ended e JOIN playground_sessions s ON s.id = e.session_id
    """,
)


def register() -> None:
    """To be called when the app is ready."""
    effects.register("execution_begun", "events", STARTED)
    effects.register("execution_ended", "events", ENDED)
