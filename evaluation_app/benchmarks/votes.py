"""Which model people found better, from the votes of comparisons: Bradley and Terry's strengths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any, Final
from uuid import UUID

from accounts.models import User
from evaluation_app.statistics.figures import as_json
from evaluation_app.statistics.votes import Vote, bradley_terry
from playground.models import Comparison, ComparisonVote, PromptExecution

LOOKED_AT: Final = 2_000
"""Votes, the newest."""


def strengths_of(user: User) -> dict[str, Any] | None:
    """Models by their strength in the comparisons that `user` sees; None where nobody has voted between two."""
    votes = list(_votes(user))
    if not votes:
        return None
    return {
        "pairs": len(votes),
        "comparisons": len({vote.case for vote in votes}),
        "models": [as_json(each) for each in bradley_terry(votes)],
    }


def _votes(user: User) -> Iterator[Vote]:
    """Each vote as one between every two models: the chosen one wins of all others, a tie is one of all."""
    seen = Comparison.objects.visible_to(user).values("id")
    found = ComparisonVote.objects.filter(comparison__in=seen).select_related("comparison")
    given = _once(found.order_by("-voted_at", "-id")[:LOOKED_AT])
    models = _models({vote.comparison_id for vote in given})
    for vote in given:
        by_execution = models.get(vote.comparison_id, {})
        if vote.execution_id is None:
            pairs = [(a, b, 0.5) for a, b in combinations(sorted(set(by_execution.values())), 2)]
        elif (best := by_execution.get(vote.execution_id)) is not None:
            pairs = [(best, other, 1.0) for other in sorted(set(by_execution.values()) - {best})]
        else:
            pairs = []
        yield from (Vote(a, b, outcome, str(_case(vote))) for a, b, outcome in pairs)


def _case(vote: ComparisonVote) -> UUID:
    return vote.comparison.copy_of or vote.comparison_id


def _once(votes: Iterable[ComparisonVote]) -> list[ComparisonVote]:
    """Each user's newest vote on a comparison, its copies in forks and imports counted as the same."""
    kept: dict[Any, ComparisonVote] = {}
    for vote in votes:
        kept.setdefault((_case(vote), vote.user_id or vote.id), vote)
    return list(kept.values())


def _models(comparison_ids: Iterable[UUID]) -> dict[UUID, dict[UUID, str]]:
    rows = PromptExecution.objects.filter(comparison__in=list(comparison_ids))
    found: dict[UUID, dict[UUID, str]] = {}
    for comparison_id, execution_id, model_id in rows.values_list("comparison_id", "id", "model_id"):
        found.setdefault(comparison_id, {})[execution_id] = model_id
    return found
