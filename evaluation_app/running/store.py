"""A runner's own way to its samples: claims, money and ends, each durable on return."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import orjson
import psycopg

from evaluation_app.running import statements
from foundation.database.connection import Connection, NotInTime
from foundation.database.group_commit import GroupCommit
from foundation.sealing.encryption import keyring
from foundation.sealing.fields import place_of


@dataclass(frozen=True, slots=True)
class Claimed:
    """A sample that this runner, and nobody else, may work on."""

    id: UUID
    variant_id: UUID
    case_id: UUID
    run: int
    attempt: int
    execution_id: UUID | None
    """Given: it may have begun before."""
    block: int
    is_answered: bool
    """It only has to be scored anew."""


@dataclass(frozen=True, slots=True)
class Scored:
    """What one scorer said."""

    position: int
    scorer: str
    scorer_hash: str
    value: float | None
    passed: bool | None
    reason: str
    error_code: str = ""
    execution_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class JudgeCall:
    """One reply of a judge about one sample; `choice` is empty where it told none."""

    execution_id: UUID
    scorer: str
    scorer_hash: str
    order: int
    repeat: int
    choice: str
    reply_number: int
    """1: the first reply to this question."""
    characters: int
    """Of the answer that was judged."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A sample's end; `cost` in USD that the test's bill has not yet, `latency` in seconds."""

    id: UUID
    state: str
    at: datetime
    execution_id: UUID | None = None
    cost: Decimal = Decimal(0)
    judge_cost: Decimal | None = None
    """USD of all judges' calls about this answer, from the first; None: it was not judged now."""
    passed: bool | None = None
    score: float | None = None
    error_code: str = ""
    error_message: str = ""
    latency: float | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    digest: str = ""
    scores: Sequence[Scored] = field(default=())
    judge_calls: Sequence[JudgeCall] = field(default=())


class Wish(NamedTuple):
    """A sample that would begin: the id of its execution, and USD that it may cost at most."""

    id: UUID
    execution_id: UUID
    cost: Decimal


class Reserved(Enum):
    """What became of a wish."""

    HELD = "held"
    TOO_DEAR = "too_dear"
    """The test's ceiling is in the way."""
    NOT_NOW = "not_now"
    """The test is paused or ends, or the sample is another runner's by now."""


class Wanted(NamedTuple):
    """What a test's owner wants of it, and what became of it meanwhile."""

    control: str
    status: str
    stop_reason: str
    done: int
    errors: int


class SampleStore:
    """Two connections: one ends, one does the rest. Calls raise psycopg.Error."""

    def __init__(self, test_id: UUID, claim_id: UUID, *, only_begun: bool = False) -> None:
        self._names = {"test": test_id, "claim": claim_id}
        self._only_begun = only_begun
        self.claim_id = claim_id
        self._ending, self._other = Connection(), Connection()
        away, frozen = (psycopg.OperationalError,), (NotInTime,)
        self._ends: GroupCommit[Ended, bool] = GroupCommit(self._end_batch, is_whole=away, is_lasting=frozen)
        self._wishes: GroupCommit[Wish, Reserved] = GroupCommit(self._reserve_batch, is_whole=away, is_lasting=frozen)

    async def open(self, runner_id: UUID) -> bool:
        """Opens the claim; False where the test does not run."""
        return bool(await self._other.fetch(statements.OPEN_CLAIM, {**self._names, "runner": runner_id}))

    async def give_up(self) -> None:
        """Ends the claim, and gives back what was not ended."""
        await self._other.fetch(statements.CLOSE_CLAIM, self._names)

    async def close(self) -> None:
        """Ends the connections."""
        await self._ending.close()
        await self._other.close()

    async def claim(self, count: int) -> list[Claimed]:
        """Up to `count` samples, in the order of their blocks."""
        rows = await self._other.fetch(
            statements.CLAIM, {**self._names, "count": count, "only_begun": self._only_begun}
        )
        return sorted((Claimed(*row) for row in rows), key=lambda each: (each.block, each.run, each.id))

    async def give_back(self, ids: Iterable[UUID]) -> None:
        """Lets others have what nothing was set aside for."""
        await self._other.fetch(statements.GIVE_BACK, {**self._names, "ids": list(ids)})

    async def put_off(self, id_: UUID) -> None:
        """Lets others have an answered sample that cannot be judged now."""
        await self._other.fetch(statements.PUT_OFF, {**self._names, "id": id_})

    async def reserve(self, wish: Wish) -> Reserved:
        """Sets USD aside for a sample, where the test's ceiling lets; only then it may begin."""
        return await self._wishes.submit(wish)

    async def again(self, id_: UUID, cost: Decimal) -> None:
        """Has a sample asked once more, whose execution died with its process and may have cost so many USD."""
        await self._other.fetch(statements.AGAIN, {**self._names, "id": id_, "cost": cost})

    async def end(self, ended: Ended) -> bool:
        """Ends a sample; False when it was not this runner's any more: a late end changes nothing."""
        return await self._ends.submit(ended)

    async def wanted(self) -> Wanted:
        """What is wanted of the test now."""
        rows = await self._other.fetch(statements.CONTROL, self._names)
        return Wanted(*rows[0]) if rows else Wanted("cancel", "cancelled", "removed", 0, 0)

    async def stop(self, reason: str) -> bool:
        """Has the test begin nothing more; False when it stops already."""
        return bool(await self._other.fetch(statements.STOP, {**self._names, "reason": reason}))

    async def stop_spent(self, cost: Decimal) -> bool:
        """Has the test begin nothing more where a sample of so many USD is too dear, whatever becomes of the others."""
        return bool(await self._other.fetch(statements.STOP_SPENT, {**self._names, "cost": cost}))

    async def _reserve_batch(self, wishes: list[Wish]) -> list[Reserved]:
        rows = [{**wish._asdict(), "cost": str(wish.cost), "position": place} for place, wish in enumerate(wishes)]
        told = await self._other.fetch(statements.RESERVE, {**self._names, "asked": orjson.dumps(rows).decode()})
        became = {id_: Reserved.HELD if is_held else Reserved.TOO_DEAR for id_, is_held in told}
        return [became.get(wish.id, Reserved.NOT_NOW) for wish in wishes]

    async def _end_batch(self, rows: list[Ended]) -> list[bool]:
        moved = await self._ending.fetch(
            statements.END,
            {
                **self._names,
                "rows": self._as_json(rows),
                "scores": _scores_json(rows),
                "judge_calls": _judge_calls_json(rows),
            },
        )
        if closed := {row[2] for row in moved if row[1]}:
            await self._ending.fetch(statements.TOTAL, {"cases": list(closed)})
        ended = {row[0] for row in moved}
        return [row.id in ended for row in rows]

    def _as_json(self, rows: list[Ended]) -> str:
        return orjson.dumps(
            [
                {
                    "id": row.id,
                    "claim_id": self.claim_id,
                    "state": row.state,
                    "execution_id": row.execution_id,
                    "cost": str(row.cost),
                    "judge_cost": None if row.judge_cost is None else str(row.judge_cost),
                    "passed": row.passed,
                    "score": row.score,
                    "error_code": row.error_code,
                    "error_message": _sealed("evaluation_samples", row.id, "error_message", row.error_message),
                    "latency": row.latency,
                    "prompt_tokens": row.prompt_tokens,
                    "completion_tokens": row.completion_tokens,
                    "digest": row.digest,
                    "ended_at": row.at,
                }
                for row in rows
            ]
        ).decode()


def _scores_json(rows: list[Ended]) -> str:
    scores: list[dict[str, Any]] = []
    for row in rows:
        for score in row.scores:
            made = uuid4()
            scores.append(
                {
                    "id": made,
                    "sample_id": row.id,
                    "position": score.position,
                    "scorer": score.scorer,
                    "scorer_hash": score.scorer_hash,
                    "value": score.value,
                    "passed": score.passed,
                    "reason": _sealed("evaluation_scores", made, "reason", score.reason),
                    "error_code": score.error_code,
                    "execution_id": score.execution_id,
                }
            )
    return orjson.dumps(scores).decode()


def _judge_calls_json(rows: list[Ended]) -> str:
    return orjson.dumps([{"sample_id": row.id, **asdict(call)} for row in rows for call in row.judge_calls]).decode()


def _sealed(table: str, key: UUID, column: str, text: str) -> str | None:
    """As PostgreSQL reads bytes in JSON; None where there is nothing to seal."""
    if not text:
        return None
    sealed = keyring().seal_json(text, place=place_of(table, key, column))
    return "\\x" + sealed.hex()
