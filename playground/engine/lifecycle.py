"""Every status write of an execution: pending → running → completed | failed | cancelled.

Each move is one conditional UPDATE on the states it may come from, and its row count decides: an
execution ends once, whoever comes first (its run, a cancel, the reaper). The counters of its
session and of its template's version move with the end, in the same statement. The SQL stands in `statements`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from foundation.sealing.encryption import keyring
from foundation.sealing.fields import place_of
from playground.engine import statements
from playground.models import Origin, Status

TABLE = "prompt_executions"


def sealed(execution_id: UUID, column: str, value: Any) -> bytes | None:
    """A value for this column of this execution's row; None where there is nothing to seal."""
    return keyring().seal_json(value, place=place_of(TABLE, execution_id, column)) if value else None


@dataclass(frozen=True, slots=True)
class Beginning:
    """A row that does not exist yet; bytes are sealed."""

    id: UUID
    session_id: UUID
    user_id: UUID
    model_id: str
    request: bytes | None
    parameters: bytes | None
    notes: bytes | None
    status: Status
    metadata: dict[str, Any]
    created_at: datetime
    runner_id: UUID
    parent_id: UUID | None
    template_version_id: UUID | None
    comparison_id: UUID | None
    comparison_position: int | None
    origin: Origin
    max_cost: Decimal | None
    reserved_cost: Decimal
    reserved_tokens: int
    attachment_ids: tuple[UUID, ...] = ()
    """Pictures and files that it is sent."""
    project_id: str = ""
    token_id: UUID | None = None
    """The API token that asked."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How an execution ended; `model_id` is the model that was asked last, bytes are sealed,
    `execution_time` in seconds."""

    id: UUID
    model_id: str
    status: Status
    answer: bytes | None
    error_code: str
    error_message: bytes | None
    prompt_tokens: int
    completion_tokens: int
    estimated_cost: Decimal
    billing: dict[str, Any] | None
    execution_time: Decimal | None
    metadata: dict[str, Any]
    ended_at: datetime
    last_event: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A client's idempotency key, taken in the statement that makes its rows."""

    user_id: UUID
    route: str
    key: str
    body_hash: bytes


def rows_json(rows: Sequence[Any]) -> str:
    """Rows, as data classes, as the one parameter of `statements.insert` and its like."""
    return orjson.dumps(rows, default=_as_text).decode()


def uses_json(rows: Sequence[Beginning]) -> str | None:
    """The last parameter of `statements.insert` where some row is sent files; None where none is."""
    uses = [{"execution_id": row.id, "attachment_id": each} for row in rows for each in row.attachment_ids]
    return orjson.dumps(uses).decode() if uses else None


def _as_text(value: object) -> str:
    """What PostgreSQL reads as bytea, and as numeric."""
    return "\\x" + value.hex() if isinstance(value, bytes) else str(value)


def claim_parameters(claim: Claim, execution_id: UUID) -> list[Any]:
    """Parameters of an idempotency key, in `statements.insert`; they follow those of the rows."""
    return [claim.user_id, claim.route, claim.key, claim.body_hash, execution_id]


def keep(ids: Sequence[UUID]) -> None:
    """Tells the effects of executions that were written ended, within the transaction that writes them."""
    with connection.cursor() as cursor:
        cursor.execute(statements.kept(), [list(ids)])


def end(ending: Ending) -> bool:
    """Ends one execution outside a web process; False when something else had ended it first."""
    with connection.cursor() as cursor:
        cursor.execute(statements.end(), [rows_json([ending])])
        return cursor.fetchone() is not None
