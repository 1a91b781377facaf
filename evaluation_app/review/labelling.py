"""What a rater says of an item: stored while the place is theirs, and taken back by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import F

from evaluation_app.models import (
    ReviewItem,
    ReviewKind,
    ReviewLabel,
    ReviewLock,
    ReviewQueue,
    ReviewRater,
    ReviewScale,
    Winner,
)
from evaluation_app.review import errors
from evaluation_app.review.claiming import alone, has_room, hold, locked_item
from foundation.problems import FieldError, invalid

A_DAY: Final = 86_400.0
OTHER_SIDE: Final = {Winner.A.value: Winner.B.value, Winner.B.value: Winner.A.value}


@dataclass(frozen=True, slots=True)
class Said:
    """What came from a rater; of `passed`, `rating` and `winner` the one that the queue asks for, or none: a skip."""

    passed: bool | None = None
    rating: int | None = None
    winner: str = ""
    """The side as it was shown."""
    corrected: str = ""
    comment: str = ""
    seconds: float | None = None


def label(
    queue: ReviewQueue, rater: ReviewRater, item_id: UUID, said: Said, *, is_skip: bool, now: datetime
) -> ReviewLabel:
    """Stores what the rater said; raises Problem: 400 for what the queue does not ask, 409 where the place is lost.

    A label that comes after its time is taken while nobody else has the place. A skip needs none.
    """
    verdict = {} if is_skip else _verdict(queue, said)
    with transaction.atomic():
        alone(rater)
        item = locked_item(queue, item_id)
        if item is None:
            raise errors.no_item()
        lock = ReviewLock.objects.filter(item=item, rater=rater).first()
        if lock is None:
            is_done = item.labels.filter(rater=rater, undone_at=None).exists()
            raise errors.already_labelled() if is_done else errors.not_held()
        if not is_skip and not has_room(queue, item, rater, now=now):
            raise errors.item_lost()
        if verdict.get("winner") in OTHER_SIDE and lock.is_swapped:
            verdict["winner"] = OTHER_SIDE[verdict["winner"]]
        looked_at = said.seconds if said.seconds is not None else (now - lock.since).total_seconds()
        made = ReviewLabel.objects.create(
            item=item,
            rater=rater,
            is_skip=is_skip,
            is_swapped=lock.is_swapped,
            corrected=said.corrected,
            comment=said.comment,
            seconds=min(max(looked_at, 0.0), A_DAY),
            created_at=now,
            **verdict,
        )
        _counted(item, 0 if is_skip else 1)
        lock.delete()
        return made


def undo(queue: ReviewQueue, rater: ReviewRater, *, now: datetime) -> ReviewLock:
    """Takes back the last thing that the rater said, and gives them the item again; raises Problem (409)."""
    with transaction.atomic():
        alone(rater)
        last = rater.labels.filter(undone_at=None).order_by("-created_at", "-id").first()
        item = locked_item(queue, last.item_id) if last else None
        if last is None or item is None:
            raise errors.nothing_to_undo()
        if not last.is_skip:
            _counted(item, -1)
        if not has_room(queue, item, rater, now=now):
            raise errors.item_lost()
        rater.labels.filter(id=last.id).update(undone_at=now)
        return hold(queue, item, rater, now=now)


def _counted(item: ReviewItem, step: int) -> None:
    item.labels_count += step
    ReviewItem.objects.filter(id=item.id).update(labels_count=F("labels_count") + step)


def _verdict(queue: ReviewQueue, said: Said) -> dict[str, Any]:
    given = {
        "passed": said.passed is not None,
        "rating": said.rating is not None,
        "winner": bool(said.winner),
    }
    wanted = "winner" if queue.kind == ReviewKind.PAIRWISE else WANTED[queue.scale]
    wrong = [FieldError(name, "unknown", "This review does not ask for it.") for name in given if given[name]]
    wrong = [error for error in wrong if error.field != wanted]
    if not given[wanted]:
        wrong.append(FieldError(wanted, "required", f"This review asks for {wanted}, or for a skip."))
    if wrong:
        raise invalid(wrong)
    if wanted == "rating":
        assert said.rating is not None  # noqa: S101 - for type checkers
        assert queue.pass_from is not None  # noqa: S101 - the database holds it to that
        return {"rating": said.rating, "passed": said.rating >= queue.pass_from}
    return {"passed": said.passed} if wanted == "passed" else {"winner": said.winner}


WANTED: Final = {ReviewScale.PASS_FAIL.value: "passed", ReviewScale.ONE_TO_FIVE.value: "rating"}
