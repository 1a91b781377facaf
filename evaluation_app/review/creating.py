"""How a queue is made, changed and looked up by its owner."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from accounts.models import User
from evaluation_app import lookup
from evaluation_app.figures.totals import variant_names
from evaluation_app.models import (
    EvaluationTest,
    ReviewItem,
    ReviewKind,
    ReviewLabel,
    ReviewQueue,
    ReviewRater,
    ReviewScale,
    ReviewSelection,
    TestStatus,
)
from evaluation_app.review import errors
from evaluation_app.review.drawing import draw
from evaluation_app.review.links import DAYS, make_link, revoke_link
from foundation.problems import FieldError, invalid

MOST_ITEMS: Final = 10_000
LARGEST_INSERT: Final = 1_000
PASSES_FROM: Final = 4
"""Of 1 to 5, where a queue does not say."""
WORDS: Final = {
    ReviewSelection.RANDOM.value: "answers",
    ReviewSelection.FAILURES.value: "failed answers",
    ReviewSelection.FLAKY.value: "flaky cases",
}


def create(*, user: User, asked: Mapping[str, Any], now: datetime) -> ReviewQueue:
    """The queue that a checked body asks for, with its items drawn and its link made; raises Problem."""
    test = lookup.governed(user, asked["test_id"])
    if not TestStatus(test.status).is_final:
        raise errors.test_unfinished()
    kind, selection = asked.get("kind", ReviewKind.SINGLE), asked.get("selection", ReviewSelection.RANDOM)
    pair = _pair(test, asked.get("variants")) if kind == ReviewKind.PAIRWISE else None
    if kind == ReviewKind.SINGLE and "variants" in asked:
        raise invalid([FieldError("variants", "invalid", "Variants are named for pairs.")])
    if kind == ReviewKind.PAIRWISE and selection != ReviewSelection.RANDOM:
        raise invalid([FieldError("selection", "invalid", "Pairs are drawn from all answers.")])
    seed, size = asked.get("seed", secrets.randbelow(2**53)), asked.get("size")
    drawn = draw(test, selection=selection, size=min(size or MOST_ITEMS, MOST_ITEMS), seed=seed, pair=pair)
    if not drawn:
        raise errors.nothing_to_review("pairs of answers" if pair else WORDS[selection])
    with transaction.atomic():
        queue = ReviewQueue.objects.create(
            owner=user,
            test=test,
            name=asked["name"],
            kind=kind,
            selection=selection,
            is_random=selection == ReviewSelection.RANDOM,
            seed=seed,
            size=size,
            is_blind=asked.get("blind", True),
            raters_per_item=asked.get("raters_per_item", 1),
            lock_seconds=asked.get("lock_seconds", 600),
            **_rubric(kind, asked["rubric"]),
        )
        rows = [
            ReviewItem(queue=queue, position=position, sample_id=each.sample, other_sample_id=each.other)
            for position, each in enumerate(drawn)
        ]
        ReviewItem.objects.bulk_create(rows, batch_size=LARGEST_INSERT)
        if (days := asked.get("link_days", DAYS)) is not None:
            make_link(queue, days=days, now=now)
    return queue


def change(queue: ReviewQueue, asked: Mapping[str, Any], *, now: datetime) -> ReviewQueue:
    """Changes what may change of a queue; raises Problem (409) for a rubric that was judged by."""
    with transaction.atomic():
        queue = ReviewQueue.objects.select_for_update(of=("self",)).select_related("test").get(id=queue.id)
        if asked.get("rubric", queue.rubric) != queue.rubric:
            if ReviewLabel.objects.filter(item__queue=queue).exists():
                raise errors.has_labels()
            queue.rubric = asked["rubric"]
        fields = ("name", "raters_per_item", "lock_seconds")
        for name in fields:
            setattr(queue, name, asked.get(name, getattr(queue, name)))
        queue.save(update_fields=["rubric", *fields])
        if asked.get("link") == "new":
            make_link(queue, days=asked.get("link_days", DAYS), now=now)
        elif "link_days" in asked:
            raise invalid([FieldError("link_days", "invalid", "Days are of a new link.")])
        elif asked.get("link") == "revoked":
            revoke_link(queue)
    return queue


def delete(queue: ReviewQueue) -> None:
    """Deletes the queue with all that was said in it; what is being said at that moment comes before, or too late."""
    with transaction.atomic():
        ReviewQueue.objects.select_for_update().filter(id=queue.id).first()
        # In the order in which whoever judges takes them: nobody waits for the other.
        list(ReviewRater.objects.select_for_update().filter(queue=queue).order_by("id").values_list("id"))
        list(ReviewItem.objects.select_for_update().filter(queue=queue).order_by("position").values_list("id"))
        ReviewQueue.objects.filter(id=queue.id).delete()


def visible(user: User, queue_id: UUID) -> ReviewQueue:
    """The queue; a 404 problem for strangers."""
    found = ReviewQueue.objects.visible_to(user).select_related("test").filter(id=queue_id).first()
    if found is None:
        raise errors.no_queue()
    return found


def item_of(queue: ReviewQueue, item_id: UUID) -> ReviewItem:
    """The queue's item; raises Problem (404)."""
    found = ReviewItem.objects.filter(queue=queue, id=item_id).select_related("sample__case").first()
    if found is None:
        raise errors.no_item()
    return found


def _rubric(kind: str, rubric: Mapping[str, Any]) -> dict[str, Any]:
    if kind == ReviewKind.PAIRWISE:
        if given := [name for name in ("scale", "pass_from") if name in rubric]:
            raise invalid(
                FieldError(f"rubric.{name}", "invalid", "Of pairs, the better one is asked.") for name in given
            )
        return {"rubric": rubric["text"]}
    scale, pass_from = rubric.get("scale", ReviewScale.PASS_FAIL), rubric.get("pass_from")
    if scale == ReviewScale.PASS_FAIL and pass_from is not None:
        raise invalid([FieldError("rubric.pass_from", "invalid", "It belongs to the scale one_to_five.")])
    if scale == ReviewScale.ONE_TO_FIVE:
        pass_from = PASSES_FROM if pass_from is None else pass_from
    return {"rubric": rubric["text"], "scale": scale, "pass_from": pass_from}


def _pair(test: EvaluationTest, names: list[str] | None) -> tuple[UUID, UUID]:
    ids = {name: variant_id for variant_id, name in variant_names(test).items()}
    if names is None and len(ids) == 2:
        names = list(ids)
    if names is None or len(ids) < 2:
        told = "A pair needs two variants" + (": name them." if len(ids) > 2 else ", and the test has one.")
        raise invalid([FieldError("variants", "required", told)])
    if unknown := [name for name in names if name not in ids]:
        raise invalid([FieldError("variants", "unknown", f"The test has no variant {unknown[0]!r}.")])
    if names[0] == names[1]:
        raise invalid([FieldError("variants", "invalid", "Two different variants are compared.")])
    return ids[names[0]], ids[names[1]]
