"""Every status write of an execution: pending → running → completed | failed | cancelled.

Each move is one conditional UPDATE on the states it may come from, and its row count decides: an
execution ends once, whoever comes first (its run, a cancel, the reaper). The session's counters move
with the end, in the same statement. The SQL stands in `statements`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from foundation.fields import place_of
from playground.engine import statements
from playground.models import Status

TABLE = "prompt_executions"


def answer_place(execution_id: UUID) -> str:
    """Where an execution's answer may be opened."""
    return place_of(TABLE, execution_id, "answer")


def request_place(execution_id: UUID) -> str:
    """Where an execution's request may be opened."""
    return place_of(TABLE, execution_id, "request")


@dataclass(frozen=True, slots=True)
class Beginning:
    """A row that does not exist yet; `request` is sealed, `parameters` and `metadata` are JSON text."""

    id: UUID
    session_id: UUID
    user_id: UUID
    model_id: str
    request: bytes
    parameters: str
    status: Status
    metadata: str
    created_at: datetime
    runner_id: UUID


@dataclass(frozen=True, slots=True)
class Ending:
    """How an execution ended; `answer` is sealed, `metadata` is JSON text, `execution_time` in seconds."""

    id: UUID
    status: Status
    answer: bytes
    error_code: str
    error_message: str
    prompt_tokens: int
    completion_tokens: int
    estimated_cost: Decimal
    execution_time: Decimal
    metadata: str
    ended_at: datetime
    last_event: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A client's idempotency key, taken in the statement that makes the row."""

    user_id: UUID
    route: str
    key: str
    body_hash: bytes


def insert_parameters(rows: list[Beginning]) -> list[Any]:
    """Parameters of `statements.INSERT`: an array a column."""
    return [
        [row.id for row in rows],
        [row.session_id for row in rows],
        [row.user_id for row in rows],
        [row.model_id for row in rows],
        [row.request for row in rows],
        [row.parameters for row in rows],
        [row.status.value for row in rows],
        [row.metadata for row in rows],
        [row.created_at for row in rows],
        [row.runner_id for row in rows],
    ]


def insert_once_parameters(claim: Claim, row: Beginning) -> list[Any]:
    """Parameters of `statements.INSERT_ONCE`."""
    return [claim.user_id, claim.route, claim.key, claim.body_hash, row.id, *insert_parameters([row])]


def end_parameters(rows: list[Ending]) -> list[Any]:
    """Parameters of `statements.END`: an array a column."""
    return [
        [row.id for row in rows],
        [row.status.value for row in rows],
        [row.answer for row in rows],
        [row.error_code for row in rows],
        [row.error_message for row in rows],
        [row.prompt_tokens for row in rows],
        [row.completion_tokens for row in rows],
        [row.estimated_cost for row in rows],
        [row.execution_time for row in rows],
        [row.metadata for row in rows],
        [row.ended_at for row in rows],
        [row.last_event for row in rows],
    ]


def end(ending: Ending) -> bool:
    """Ends one execution outside a web process; False when something else had ended it first."""
    with connection.cursor() as cursor:
        cursor.execute(statements.END, end_parameters([ending]))
        return cursor.fetchone() is not None
