"""One prompt to several models or parameter sets at once: all are checked before any begins."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Sequence
from typing import Any, Final, TypeVar
from uuid import UUID, uuid4

from django.utils import timezone

from accounts.models import User
from foundation.problems import FieldError, Problem, invalid, not_found
from playground.engine.ask import Ask
from playground.engine.claims import begun_before
from playground.engine.confirmation import check_confirmed
from playground.engine.lifecycle import Claim
from playground.engine.preparing import prepare
from playground.engine.start import begin_all
from playground.models import Comparison, ComparisonVote, PromptExecution
from sessions_app.models import PlaygroundSession

Result = TypeVar("Result")
LONGEST_NAME: Final = 120

VARIED: Final = frozenset({"model_id", "parameters", "prompt", "system_prompt"})

OF_A_MODEL: Final = frozenset({"provider_unavailable", "model_unavailable"})
"""Refusals that are about no field, and yet about one variant."""


async def compare(variants: Sequence[Ask], *, claim: Claim | None = None) -> UUID:
    """Begins the comparison, whole or not at all; its id. A Problem names the variant that does not hold."""
    prepared = [await at_variant(position, prepare(ask)) for position, ask in enumerate(variants)]
    check_confirmed(prepared, is_confirmed=all(ask.is_cost_confirmed for ask in variants))
    comparison_id = uuid4()
    for position, each in enumerate(prepared):
        each.record.comparison_id, each.record.comparison_position = comparison_id, position
    if await begin_all(prepared, claim=claim, is_comparison=True):
        return comparison_id
    assert claim is not None  # noqa: S101 - for the type checker: without one it begins or raises
    taken_for = (await begun_before(claim)).execution.comparison_id
    if taken_for is None:
        raise not_found("The comparison")
    return taken_for


def placed(errors: list[FieldError], position: int, own: Iterable[str] = ()) -> list[FieldError]:
    """Errors of what is the variant's own (VARIED, and the fields `own` that it was sent), at the variant; the others
    stand where they were sent, once.
    """
    varied = VARIED.union(own)
    return [
        error._replace(field=f"variants.{position}.{error.field}") if error.field.split(".")[0] in varied else error
        for error in errors
    ]


async def at_variant(position: int, work: Awaitable[Result], own: Iterable[str] = ()) -> Result:
    """What `work` gives; a Problem of it stands at the variant (`placed`)."""
    try:
        return await work
    except Problem as problem:
        problem.errors = [
            error._asdict() for error in placed([FieldError(**each) for each in problem.errors], position, own)
        ]
        if problem.code in OF_A_MODEL:
            problem.extra["variant"] = position
        raise


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


def rename(*, user: User, comparison_id: UUID, name: str) -> Comparison:
    """Gives the comparison a name, which those may who may run in its session; empty is none."""
    comparison = seen(user, comparison_id)
    if not PlaygroundSession.objects.editable_by(user).filter(id=comparison.session_id).exists():
        raise Problem(403, "forbidden", "You may read this comparison, not name it.")
    name = " ".join(name.split())
    if len(name) > LONGEST_NAME:
        fault = FieldError("name", "max_length", f"A name has {LONGEST_NAME} characters at most.")
        raise Problem(400, "invalid", fault.message, errors=[fault])
    comparison.name = name
    comparison.save(update_fields=["name"])
    return comparison


def voters_of(comparison: Comparison) -> list[ComparisonVote]:
    """Every vote with who gave it, the newest first."""
    votes = ComparisonVote.objects.filter(comparison=comparison).select_related("user")
    return list(votes.order_by("-voted_at", "-id"))


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
