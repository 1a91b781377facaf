"""Which item somebody is given: one that has room for another rater, and never one that they have done.

Whether an item has room is decided under the lock of its row, and looked at anew once the row is held: two who ask at
once never get the last place both.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from evaluation_app.models import ReviewItem, ReviewLabel, ReviewLock, ReviewQueue, ReviewRater
from evaluation_app.review.drawing import is_swapped
from evaluation_app.review.errors import no_queue

MOST_TRIES: Final = 50


def next_item(
    queue: ReviewQueue, rater: ReviewRater, *, now: datetime, besides: UUID | None = None
) -> ReviewLock | None:
    """The lock of the rater's next item, other than `besides`, which is before them now; None: there is none for them.

    What a rater holds already comes first, so that a page that is loaded again shows the same.
    """
    # Who is just being given an item is passed by; where nothing else is left, they are waited for.
    for is_patient in (False, True):
        with transaction.atomic():
            alone(rater)
            held = rater.locks.filter(item__queue=queue, until__gt=now).exclude(item_id=besides)
            found = held.select_related("item").order_by("item__position").first()
            found = found or _claimed(queue, rater, now, besides, is_patient=is_patient)
        if found is not None:
            return found
    return None


def keep(queue: ReviewQueue, rater: ReviewRater, item_id: UUID, *, now: datetime) -> bool:
    """Has the time of an item that was fetched ahead begin now; False: others have taken its place."""
    with transaction.atomic():
        item = locked_item(queue, item_id)
        lock = item and ReviewLock.objects.filter(item=item, rater=rater).first()
        if item is None or lock is None or not has_room(queue, item, rater, now=now):
            return False
        hold(queue, item, rater, now=now)
        return True


def has_room(queue: ReviewQueue, item: ReviewItem, rater: ReviewRater, *, now: datetime) -> bool:
    """Whether the item, whose row is held, can take a label of this rater's."""
    others = ReviewLock.objects.filter(item=item, until__gt=now).exclude(rater=rater).count()
    return item.labels_count + others < queue.raters_per_item


def hold(queue: ReviewQueue, item: ReviewItem, rater: ReviewRater, *, now: datetime) -> ReviewLock:
    """Gives an item, whose row is held and has room, to the rater from now on."""
    swapped = item.other_sample_id is not None and is_swapped(queue.seed, item.id, rater.id)
    times = {"since": now, "until": now + timedelta(seconds=queue.lock_seconds)}
    lock, _ = ReviewLock.objects.update_or_create(item=item, rater=rater, defaults={"is_swapped": swapped, **times})
    return lock


def locked_item(queue: ReviewQueue, item_id: UUID) -> ReviewItem | None:
    """The item, its row held until the transaction ends."""
    return ReviewItem.objects.select_for_update().filter(queue=queue, id=item_id).first()


def alone(rater: ReviewRater) -> None:
    """One thing at a time for each rater: two tabs of one person are given the same. Raises Problem (404)."""
    if ReviewRater.objects.select_for_update().filter(id=rater.id).first() is None:
        raise no_queue()


def with_room(queue: ReviewQueue, rater: ReviewRater, *, now: datetime) -> QuerySet[ReviewItem]:
    """Items that the rater has not done and that have room now."""
    taken = ReviewLock.objects.filter(item=OuterRef("id"), until__gt=now).exclude(rater=rater).order_by()
    others = taken.values("item").annotate(n=Count("id")).values("n")
    return (
        not_done(queue, rater)
        .annotate(places=F("labels_count") + Coalesce(Subquery(others, output_field=IntegerField()), 0))
        .filter(places__lt=queue.raters_per_item)
    )


def not_done(queue: ReviewQueue, rater: ReviewRater) -> QuerySet[ReviewItem]:
    """Items that still need labels and have none, and no skip, of the rater's."""
    mine = ReviewLabel.objects.filter(item=OuterRef("id"), rater=rater, undone_at=None)
    return ReviewItem.objects.filter(~Exists(mine), queue=queue, labels_count__lt=queue.raters_per_item)


def _claimed(
    queue: ReviewQueue, rater: ReviewRater, now: datetime, besides: UUID | None, *, is_patient: bool
) -> ReviewLock | None:
    passed_by = [besides] if besides else []
    for _ in range(MOST_TRIES):
        rows = with_room(queue, rater, now=now).exclude(id__in=passed_by).order_by("position")
        item = rows.select_for_update(skip_locked=not is_patient, of=("self",)).first()
        if item is None:
            return None
        # The look that found it may be older than the row is held.
        if has_room(queue, item, rater, now=now):
            return hold(queue, item, rater, now=now)
        passed_by.append(item.id)
    return None
