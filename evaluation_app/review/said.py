"""The labels of queues as their readers take them: those that hold, with who said them and of what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from evaluation_app.models import EvaluationSample, ReviewItem, ReviewLabel, ReviewQueue

Rater = UUID
"""The user, or the guest: one person in however many queues."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """One label that holds and is no skip."""

    item: ReviewItem
    sample: EvaluationSample
    rater: Rater
    passed: bool | None
    winner: str


def opinions_of(queues: Iterable[ReviewQueue]) -> list[Opinion]:
    """In the order in which they were given."""
    rows = holding(queues).filter(is_skip=False).order_by("created_at", "id")
    return [
        Opinion(row.item, row.item.sample, rater_key(row), row.passed, row.winner)
        for row in rows.select_related("rater", "item__sample__case", "item__other_sample")
    ]


def holding(queues: Iterable[ReviewQueue]) -> QuerySet[ReviewLabel]:
    """Labels and skips that were not undone."""
    return ReviewLabel.objects.filter(item__queue__in=list(queues), undone_at=None)


def labels_of(queue: ReviewQueue) -> QuerySet[ReviewLabel]:
    """The queue's, skips too, with what is told of them, in the order in which they were given."""
    return holding([queue]).select_related("rater", "item__sample__case").order_by("created_at", "id")


def rater_key(label: ReviewLabel) -> Rater:
    """Who said it: one person in however many queues."""
    return label.rater.user_id or label.rater.guest_id or label.rater_id
