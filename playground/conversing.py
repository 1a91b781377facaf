"""The next turn of a conversation that a person leads: turns may be left out of it, and turns written by hand go along.

Each turn is an execution whose parent is the turn before. What was said stays as it was: leaving a turn out, or writing
one, changes only what the turns from then on are sent, and each keeps what that was (`request.thread`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from django.db import connection

from accounts.models import User
from foundation.problems import FieldError, invalid
from playground.bodies.resolve import parent_of, turns_up_to
from playground.engine.ask import Ask
from playground.models import PromptExecution
from playground.tools.turns import turns_of_answer

DEEPEST: Final = 500
_ANCESTORS: Final = """
WITH RECURSIVE turns AS (
    SELECT id, parent_id, 0 AS depth FROM prompt_executions WHERE id = %s
    UNION ALL
    SELECT e.id, e.parent_id, t.depth + 1 FROM prompt_executions e JOIN turns t ON e.id = t.parent_id
    WHERE t.depth < %s
)
SELECT id FROM turns WHERE depth > 0 ORDER BY depth
"""
_IN_PLACE_OF_A_FIRST: Final = """
WITH RECURSIVE earlier AS (
    SELECT id, session_id, metadata ->> 'replay_of' AS replayed FROM prompt_executions WHERE id = %s
    UNION
    SELECT e.id, e.session_id, e.metadata ->> 'replay_of' FROM earlier l
    JOIN prompt_executions e ON e.session_id = l.session_id AND e.parent_id IS NULL
        AND e.id = CASE WHEN l.replayed ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN l.replayed::uuid END
), tried AS (
    SELECT id, session_id FROM earlier
    UNION
    SELECT e.id, e.session_id FROM tried t
    JOIN prompt_executions e ON e.metadata ->> 'replay_of' = t.id::text AND e.metadata ? 'replay_of'
    WHERE e.session_id = t.session_id AND e.parent_id IS NULL
)
SELECT e.id FROM tried JOIN prompt_executions e USING (id) ORDER BY e.created_at, e.id LIMIT %s
"""

Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Continuation:
    """What goes along with the next turn, and what of it is kept beside its prompt."""

    parent: PromptExecution
    messages: list[Message]
    thread: Mapping[str, Any]

    @property
    def body(self) -> dict[str, Any]:
        """Its part of an execution's body."""
        session = {} if self.leaves_a_test else {"session_id": str(self.parent.session_id)}
        return {"messages": self.messages, **session}

    @property
    def leaves_a_test(self) -> bool:
        """Whether it goes on from a run of a test: nobody runs among those, so it begins in the default session."""
        return self.parent.session.is_hidden

    def ask_of(self, ask: Ask) -> Ask:
        """What the checked body asks for, as the turn that it is."""
        if self.leaves_a_test:
            return ask
        return replace(ask, parent_id=self.parent.id, request={**ask.request, "thread": dict(self.thread)})


def ancestor_ids(execution_id: UUID) -> list[UUID]:
    """The turns before this one, the last first."""
    with connection.cursor() as cursor:
        cursor.execute(_ANCESTORS, [execution_id, DEEPEST])
        return [row[0] for row in cursor.fetchall()]


def first_turn_ids(execution_id: UUID) -> list[UUID]:
    """The first turns that were tried in each other's place, this one among them, the oldest first: they have no turn
    before them in common, and are told by what each was run again from.
    """
    with connection.cursor() as cursor:
        cursor.execute(_IN_PLACE_OF_A_FIRST, [execution_id, DEEPEST])
        return [row[0] for row in cursor.fetchall()]


def continuation(
    *, user: User, parent_id: UUID | str, left_out: Sequence[str] = (), written: Sequence[Message] = ()
) -> Continuation:
    """What the turn after `parent_id` is sent: the turns up to it but for those of the ids `left_out`, then the
    messages `written` by hand. Raises Problem: 404 for strangers, 409 while it runs, 400 for an id of no turn of it.
    """
    parent = parent_of(user, parent_id)
    chain = chain_of(parent)
    unknown = set(left_out) - {str(turn.id) for turn in chain}
    if unknown:
        raise invalid([FieldError("left_out", "unknown", "Only a turn of this conversation can be left out of it.")])
    messages = turns_up_to(parent)
    if set(left_out) != left_out_of(parent):
        messages = [
            message
            for before, turn in zip([None, *chain], chain, strict=False)
            if str(turn.id) not in left_out
            for message in own_messages(turn, before)
        ]
    thread = {"left_out": sorted(left_out), "own_from": len(messages)}
    return Continuation(parent, [*messages, *written], thread)


def chain_of(execution: PromptExecution) -> list[PromptExecution]:
    """The conversation up to and with this turn, the first turn first."""
    ids = ancestor_ids(execution.id)
    found = PromptExecution.objects.in_bulk(ids)
    return [*(found[each] for each in reversed(ids) if each in found), execution]


def own_messages(turn: PromptExecution, before: PromptExecution | None) -> list[Message]:
    """What a turn brought into its conversation: messages that went before its prompt, the prompt, and its answer."""
    asked = turn.request or {}
    said = list(before_prompt(turn, before))
    if prompt := asked.get("parts") or asked.get("prompt"):
        said.append({"role": "user", "content": prompt})
    return said + turns_of_answer(turn.answer or {})


def with_answer(turn: PromptExecution, answer: str) -> list[Message]:
    """What a turn brought in, with another text for its answer and without the tools that the model's came by."""
    ids = ancestor_ids(turn.id)
    before = PromptExecution.objects.filter(id=ids[0]).first() if ids else None
    asked = own_messages(turn, before)[: -len(turns_of_answer(turn.answer or {})) or None]
    return [*asked, {"role": "assistant", "content": answer}]


def before_prompt(turn: PromptExecution, before: PromptExecution | None) -> Sequence[Message]:
    """The messages between a turn's prompt and the turn `before` it."""
    asked = turn.request or {}
    kept = asked.get("thread", {}).get("own_from")
    if kept is None:
        kept = len(turns_up_to(before)) if before else 0
    messages: Sequence[Message] = asked.get("messages", ())
    return messages[kept:]


def left_out_of(execution: PromptExecution) -> frozenset[str]:
    """The ids of the turns before it that it was not sent."""
    return frozenset((execution.request or {}).get("thread", {}).get("left_out", ()))
