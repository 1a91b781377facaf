"""What a reviewer sees of an item: the input and the answers, nothing of who made them unless the queue says so, and
nothing of what others said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from evaluation_app.models import EvaluationSample, ReviewItem, ReviewLabel, ReviewLock, ReviewQueue
from evaluation_app.review.errors import no_item
from foundation.context import looking


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """One answer; `side` is a or b of a pair, as it is shown."""

    side: str | None
    text: str | None
    variant: str | None
    model_id: str | None


@dataclass(frozen=True, slots=True)
class ShownItem:
    """An item before a reviewer."""

    item: ReviewItem
    input: dict[str, Any]
    answers: list[ShownAnswer]
    until: datetime
    former: ReviewLabel | None
    """What the same reviewer said of it before they took it back."""

    @property
    def number(self) -> int:
        """Its place, from 1."""
        return self.item.position + 1


def shown(queue: ReviewQueue, lock: ReviewLock) -> ShownItem:
    """What `lock` gives its rater to see; raises Problem (404) where it was deleted since."""
    samples = EvaluationSample.objects.select_related("case", "variant", "execution")
    item = ReviewItem.objects.filter(id=lock.item_id).first()
    if item is None:
        raise no_item()
    ids = [item.sample_id, item.other_sample_id]
    if lock.is_swapped:
        ids.reverse()
    found = samples.in_bulk([each for each in ids if each])
    if len(found) < sum(map(bool, ids)):
        raise no_item()
    former = ReviewLabel.objects.filter(item=item, rater=lock.rater_id, undone_at__isnull=False)
    # An answer that cannot be opened is told in its place, and passed over by a skip: else it would stop the queue.
    with looking():
        answers = [
            _answer(queue, found[each], "ab"[place] if item.other_sample_id else None)
            for place, each in enumerate(ids)
            if each
        ]
        told = found[item.sample_id].case.input
    return ShownItem(item, told, answers, lock.until, former.order_by("-undone_at").first())


def _answer(queue: ReviewQueue, sample: EvaluationSample, side: str | None) -> ShownAnswer:
    answer = (sample.execution.answer if sample.execution else None) or {}
    text = answer.get("response")
    if queue.is_blind:
        return ShownAnswer(side, text, None, None)
    return ShownAnswer(side, text, sample.variant.name, sample.variant.model_id)
