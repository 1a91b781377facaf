"""What people said, as a bundle carries it: ratings and comments of executions, votes of comparisons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final
from uuid import UUID

from accounts.models import User
from foundation.context import looking
from playground.models import Comparison, ComparisonVote, ExecutionComment, ExecutionRating

BATCH: Final = 200
"""Comparisons in memory at a time."""


def of_executions(keys: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """`ratings` and `comments` of each of these that has any, oldest first."""
    found: dict[UUID, dict[str, Any]] = defaultdict(dict)
    ratings = ExecutionRating.objects.filter(execution__in=keys).select_related("user")
    comments = ExecutionComment.objects.filter(execution__in=keys).select_related("author")
    with looking():
        for rating in ratings.order_by("rated_at", "id"):
            found[rating.execution_id].setdefault("ratings", []).append(_rating(rating))
        for comment in comments.order_by("created_at", "id"):
            found[comment.execution_id].setdefault("comments", []).append(_comment(comment))
    return found


def comparisons(session_id: UUID, named: Iterable[UUID]) -> Iterator[dict[str, Any]]:
    """One object a comparison of the session, with the name that it may have and its votes."""
    keys = list(named)
    for begin in range(0, len(keys), BATCH):
        found = Comparison.objects.filter(session_id=session_id).in_bulk(keys[begin : begin + BATCH])
        votes: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
        given = ComparisonVote.objects.filter(comparison__in=found).select_related("user").order_by("voted_at", "id")
        for vote in given:
            told = {"author": _author(vote.user, None), "execution_id": vote.execution_id, "voted_at": vote.voted_at}
            votes[vote.comparison_id].append(told)
        for key, comparison in found.items():
            with looking():
                name = comparison.name
            yield {
                "id": key,
                **({"name": name} if name else {}),
                "copy_of": comparison.copy_of,
                "created_at": comparison.created_at,
                "votes": votes[key],
            }


def _rating(rating: ExecutionRating) -> dict[str, Any]:
    return {
        "author": _author(rating.user, rating.imported_author),
        "value": rating.value,
        "thumb": rating.thumb or None,
        "note": rating.sealed or "",
        "rated_at": rating.rated_at,
    }


def _comment(comment: ExecutionComment) -> dict[str, Any]:
    return {
        "author": _author(comment.author, comment.imported_author),
        "text": comment.text,
        "created_at": comment.created_at,
        "edited_at": comment.edited_at,
    }


def _author(user: User | None, imported: dict[str, Any] | None) -> dict[str, Any]:
    """By what another installation may know them: the e-mail address, and the name for people to read."""
    if user is None:
        return {"id": None, "name": (imported or {}).get("name", ""), "email": (imported or {}).get("email", "")}
    return {"id": user.id, "name": str(user), "email": user.email}
