"""How far a review is, in all and for one of its raters."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Least

from evaluation_app.models import ReviewLabel, ReviewQueue, ReviewRater
from evaluation_app.review.claiming import not_done, with_room


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts of items, and of the labels that they have and need."""

    items: int
    done: int
    """Items that need no more labels."""
    labels: int
    """That count towards those needed."""
    needed: int
    skipped: int
    raters: int
    """Who have said something."""

    @property
    def as_json(self) -> dict[str, Any]:
        """For the payload."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class OwnProgress:
    """The part of one rater."""

    labelled: int
    skipped: int
    left: int
    """Items that still need labels and have none of theirs."""
    free: int
    """Of those, what nobody else is at."""

    @property
    def as_json(self) -> dict[str, Any]:
        """For the payload."""
        return asdict(self)


def progress_of(queue: ReviewQueue) -> Progress:
    """The whole queue's."""
    places = queue.raters_per_item
    told = queue.items.aggregate(
        items=Count("id"),
        done=Count("id", filter=Q(labels_count__gte=places)),
        labels=Sum(Least(F("labels_count"), places)),
    )
    said = ReviewLabel.objects.filter(item__queue=queue, undone_at=None).aggregate(
        skipped=Count("id", filter=Q(is_skip=True)), raters=Count("rater", distinct=True)
    )
    return Progress(
        items=told["items"],
        done=told["done"],
        labels=told["labels"] or 0,
        needed=told["items"] * places,
        **said,
    )


def own_progress(queue: ReviewQueue, rater: ReviewRater, *, now: datetime) -> OwnProgress:
    """One rater's."""
    said = rater.labels.filter(undone_at=None).aggregate(
        labelled=Count("id", filter=Q(is_skip=False)), skipped=Count("id", filter=Q(is_skip=True))
    )
    return OwnProgress(left=not_done(queue, rater).count(), free=with_room(queue, rater, now=now).count(), **said)
