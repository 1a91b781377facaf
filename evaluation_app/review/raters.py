"""Who reviews: users as themselves, guests by the name that they gave."""

from __future__ import annotations

from itertools import count
from typing import Final
from uuid import UUID

from django.db import IntegrityError

from accounts.models import User
from evaluation_app.models import ReviewQueue, ReviewRater
from evaluation_app.review.errors import no_queue, too_many_raters

MOST_RATERS: Final = 1_000
LONGEST_NAME: Final = 100


def user_rater(queue: ReviewQueue, user: User) -> ReviewRater:
    """The rater that `user` is in this queue."""
    found = ReviewRater.objects.filter(queue=queue, user=user).first()
    return found or _made(queue, name=str(user)[:LONGEST_NAME], user=user)


def guest_rater(queue: ReviewQueue, *, guest_id: UUID, name: str) -> ReviewRater:
    """The rater that the guest with this id is in this queue."""
    found = ReviewRater.objects.filter(queue=queue, guest_id=guest_id).first()
    return found or _made(queue, name=name[:LONGEST_NAME], guest_id=guest_id)


def names_of(queue: ReviewQueue) -> dict[UUID, str]:
    """What each rater of the queue is called, by id: of those who gave one name the second is “Otto (2)”."""
    told, taken = dict[UUID, str](), set[str]()
    for rater in ReviewRater.objects.filter(queue=queue).order_by("created_at", "id"):
        free = (f"{rater.name} ({number})" for number in count(2))
        told[rater.id] = rater.name if rater.name not in taken else next(name for name in free if name not in taken)
        taken.add(told[rater.id])
    return told


def _made(queue: ReviewQueue, *, name: str, user: User | None = None, guest_id: UUID | None = None) -> ReviewRater:
    if ReviewRater.objects.filter(queue=queue).count() >= MOST_RATERS:
        raise too_many_raters()
    new = ReviewRater(queue=queue, user=user, guest_id=guest_id, name=name)
    try:
        # Two tabs that are opened at once are one person.
        ReviewRater.objects.bulk_create([new], ignore_conflicts=True)
        return ReviewRater.objects.get(queue=queue, user=user, guest_id=guest_id)
    except (IntegrityError, ReviewRater.DoesNotExist):
        raise no_queue() from None
