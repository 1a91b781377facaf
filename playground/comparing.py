"""One prompt to several models or parameter sets at once: all are checked before any begins."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from foundation.database.threads import in_database_thread
from foundation.problems import FieldError, Problem, invalid, not_found
from playground.engine.lifecycle import Claim
from playground.engine.start import Prepared, Started, begin, claim_of, prepare
from playground.models import Comparison, ComparisonVote, PromptExecution

VARIED: Final = frozenset({"model_id", "parameters", "prompt", "system_prompt"})


async def compare(
    *, user: User, asked: Mapping[str, Any], variants: Sequence[Mapping[str, Any]], idempotency_key: str | None = None
) -> UUID:
    """Begins the comparison; `asked` is the checked body, `variants` each one's own (`bodies.comparison`).

    A Problem names the variant that does not hold.
    """
    claims = [_claim(user, idempotency_key, asked, position) for position in range(len(variants))]
    prepared = [await _prepared(user, body, position) for position, body in enumerate(variants)]
    session_id = prepared[0].record.session_id
    comparison = await in_database_thread(Comparison.objects.create, user=user, session_id=session_id)
    for position, each in enumerate(prepared):
        each.record.comparison_id, each.record.comparison_position = comparison.id, position
    first = await begin(prepared[0], claim=claims[0])
    if first.run is None or first.run.record.comparison_id != comparison.id:
        return await _begun_before(comparison, first)
    # The others begin even when this caller leaves now: a comparison is whole.
    await asyncio.shield(_begin_all(prepared[1:], claims[1:]))
    return comparison.id


async def _begin_all(prepared: list[Prepared], claims: list[Claim | None]) -> None:
    await asyncio.gather(*(begin(each, claim=claim) for each, claim in zip(prepared, claims, strict=True)))


def placed(errors: list[FieldError], position: int) -> list[FieldError]:
    """Errors of what is the variant's own, at the variant; the others stand where they were sent, once."""
    return [
        error._replace(field=f"variants.{position}.{error.field}") if error.field.split(".")[0] in VARIED else error
        for error in errors
    ]


async def _prepared(user: User, body: Mapping[str, Any], position: int) -> Prepared:
    try:
        return await prepare(user=user, asked=body)
    except Problem as problem:
        problem.errors = [
            error._asdict() for error in placed([FieldError(**each) for each in problem.errors], position)
        ]
        raise


def _claim(user: User, key: str | None, asked: Mapping[str, Any], position: int) -> Claim | None:
    return claim_of(user, key and f"{key[:240]}:{position}", asked, route="compare")


async def _begun_before(comparison: Comparison, first: Started) -> UUID:
    def find() -> UUID:
        comparison.delete()
        found = PromptExecution.objects.values_list("comparison_id", flat=True).get(id=first.id)
        if found is None:
            raise not_found("The comparison")
        return found

    return await in_database_thread(find)


def executions_of(comparison: Comparison) -> list[PromptExecution]:
    """The variants' executions, in the order that they were asked in."""
    return list(PromptExecution.objects.filter(comparison=comparison).order_by("comparison_position"))


def seen(user: User, comparison_id: UUID) -> Comparison:
    """The comparison; a 404 problem for strangers."""
    found = Comparison.objects.visible_to(user).filter(id=comparison_id).first()
    if found is None:
        raise not_found("The comparison")
    return found


def vote(*, user: User, comparison_id: UUID, execution_id: UUID | None) -> Comparison:
    """Takes this as the user's only vote; None is a tie."""
    comparison = seen(user, comparison_id)
    if execution_id is not None and not PromptExecution.objects.filter(id=execution_id, comparison=comparison).exists():
        raise invalid([FieldError("execution_id", "unknown", "This execution is none of the comparison's.")])
    ComparisonVote.objects.update_or_create(
        comparison=comparison, user=user, defaults={"execution_id": execution_id, "voted_at": timezone.now()}
    )
    return comparison


def votes_json(comparison: Comparison, user: User) -> dict[str, Any]:
    """How many found which best, and what `user` said."""
    votes = list(ComparisonVote.objects.filter(comparison=comparison).values_list("user_id", "execution_id"))
    counts: dict[str, int] = {}
    for _, execution_id in votes:
        if execution_id is not None:
            counts[str(execution_id)] = counts.get(str(execution_id), 0) + 1
    mine = [execution_id for voter, execution_id in votes if voter == user.id]
    return {
        "votes": counts,
        "ties": sum(execution_id is None for _, execution_id in votes),
        "has_voted": bool(mine),
        "my_vote": mine[0] if mine else None,
    }
