"""Reviews: what people are asked about a test's answers, who is at which of them, and what they said."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from evaluation_app.models.sample import EvaluationSample
from evaluation_app.models.test import EvaluationTest
from foundation.sealing.fields import SealedTextField

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import User


class ReviewKind(models.TextChoices):
    """What one item is."""

    SINGLE = "single", "One answer at a time"
    PAIRWISE = "pairwise", "Two answers side by side"


class ReviewSelection(models.TextChoices):
    """Which answers are drawn from; only labels of the first may calibrate a judge."""

    RANDOM = "random", "All answers"
    FAILURES = "failures", "Failures"
    FLAKY = "flaky", "Flaky cases"


class ReviewScale(models.TextChoices):
    """What is said of one answer."""

    PASS_FAIL = "pass_fail", "Passes or fails"
    ONE_TO_FIVE = "one_to_five", "1 to 5"


class Winner(models.TextChoices):
    """Which of an item's two answers is better, as the item has them, whichever way they were shown."""

    A = "a", "A"
    B = "b", "B"
    TIE = "tie", "Tie"


class ReviewQueueQuerySet(models.QuerySet["ReviewQueue"]):
    """Who sees which queue: the one rule that every door starts from."""

    def visible_to(self, user: User) -> ReviewQueueQuerySet:
        """Queues that `user` may read and steer: their own."""
        return self.filter(owner=user)

    def open_by_link(self, now: datetime) -> ReviewQueueQuerySet:
        """Queues whose link still leads to them."""
        return self.filter(link_hash__isnull=False, link_ends_at__gt=now)


class ReviewQueue(models.Model):
    """Answers of one test that people are asked about."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    owner_id: UUID
    test = models.ForeignKey(EvaluationTest, on_delete=models.CASCADE, related_name="+")
    test_id: UUID
    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=8, choices=ReviewKind.choices)
    selection = models.CharField(max_length=8, choices=ReviewSelection.choices)
    is_random = models.BooleanField()
    """Whether its items stand for all answers of the test: labels of others may not calibrate a judge."""
    seed = models.BigIntegerField()
    """What its items, their order and the sides of pairs are drawn from."""
    size = models.PositiveIntegerField(null=True)
    """Items that were asked for; null: all there were."""
    is_blind = models.BooleanField(default=True)
    """Whether it stays unsaid which variant and model an answer is of."""
    rubric: Any = SealedTextField()
    scale = models.CharField(max_length=12, choices=ReviewScale.choices, blank=True, default="")
    """Of single answers."""
    pass_from = models.PositiveSmallIntegerField(null=True)
    """The rating from which an answer passes."""
    raters_per_item = models.PositiveSmallIntegerField(default=1)
    lock_seconds = models.PositiveIntegerField(default=600)
    """How long an item is kept for whoever is at it."""
    link_nonce = models.BinaryField(max_length=16, default=bytes)
    """What the link's token is made from, with the installation's secret."""
    link_hash = models.BinaryField(max_length=32, null=True, unique=True)
    """SHA-256 of the token; null: there is no link."""
    link_ends_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ReviewQueueQuerySet.as_manager()

    class Meta:
        db_table = "review_queues"
        indexes = [models.Index(fields=["test", "created_at"], name="reviews_of_test")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ReviewKind.values), name="review_kind_known"),
            models.CheckConstraint(condition=Q(selection__in=ReviewSelection.values), name="review_selection_known"),
            models.CheckConstraint(
                condition=Q(kind="pairwise", scale="", pass_from=None)
                | Q(kind="single", scale="pass_fail", pass_from=None)
                | Q(kind="single", scale="one_to_five", pass_from__gte=1, pass_from__lte=5),
                name="review_scale_fits",
            ),
            models.CheckConstraint(
                condition=Q(raters_per_item__gte=1, lock_seconds__gte=1), name="review_figures_positive"
            ),
            models.CheckConstraint(
                condition=Q(is_random=False) | Q(selection="random"), name="review_random_is_random"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ReviewItem(models.Model):
    """One answer, or two answers to one case."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    queue = models.ForeignKey(ReviewQueue, on_delete=models.CASCADE, related_name="items")
    queue_id: UUID
    position = models.PositiveIntegerField()
    """Its place in the order that was drawn."""
    sample = models.ForeignKey(EvaluationSample, on_delete=models.CASCADE, related_name="+")
    sample_id: UUID
    other_sample = models.ForeignKey(EvaluationSample, on_delete=models.CASCADE, null=True, related_name="+")
    other_sample_id: UUID | None
    labels_count = models.PositiveSmallIntegerField(default=0)
    """Labels that hold: moved under the lock of this row, by which every claim and label takes its turn."""

    class Meta:
        db_table = "review_items"
        constraints = [models.UniqueConstraint(fields=["queue", "position"], name="review_item_has_its_position")]

    def __str__(self) -> str:
        return f"Item {self.position + 1}"


class ReviewRater(models.Model):
    """Somebody who reviews a queue: a user, or whoever came by its link and gave a name."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    queue = models.ForeignKey(ReviewQueue, on_delete=models.CASCADE, related_name="raters")
    queue_id: UUID
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    user_id: UUID | None
    guest_id = models.UUIDField(null=True)
    """What the guest's cookie says."""
    name: Any = SealedTextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "review_raters"
        constraints = [
            models.UniqueConstraint(fields=["queue", "user"], name="one_rater_a_user"),
            models.UniqueConstraint(fields=["queue", "guest_id"], name="one_rater_a_guest"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class ReviewLock(models.Model):
    """An item that a rater is at: theirs until a time; later as well, while nobody else has taken the place."""

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey(ReviewItem, on_delete=models.CASCADE, related_name="locks")
    item_id: UUID
    rater = models.ForeignKey(ReviewRater, on_delete=models.CASCADE, related_name="locks")
    is_swapped = models.BooleanField(default=False)
    """Whether the item's second answer is shown as A."""
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        db_table = "review_locks"
        constraints = [models.UniqueConstraint(fields=["item", "rater"], name="one_lock_a_rater")]

    def __str__(self) -> str:
        return f"{self.item_id} until {self.until}"


class ReviewLabel(models.Model):
    """What a rater said of an item, or that they would not say anything."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(ReviewItem, on_delete=models.CASCADE, related_name="labels")
    item_id: UUID
    rater = models.ForeignKey(ReviewRater, on_delete=models.CASCADE, related_name="labels")
    rater_id: UUID
    is_skip = models.BooleanField(default=False)
    passed = models.BooleanField(null=True)
    """Of a single answer, from either scale."""
    rating = models.PositiveSmallIntegerField(null=True)
    winner = models.CharField(max_length=3, choices=Winner.choices, blank=True, default="")
    is_swapped = models.BooleanField(default=False)
    """Whether the two stood the other way round when this was said."""
    corrected: Any = SealedTextField()
    """What the answer should have been."""
    comment: Any = SealedTextField()
    seconds = models.FloatField(null=True)
    """How long it was looked at."""
    created_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "review_labels"
        constraints = [
            models.UniqueConstraint(
                fields=["item", "rater"], condition=Q(undone_at=None), name="one_label_a_rater_holds"
            ),
            models.CheckConstraint(
                condition=Q(rating=None) | Q(rating__gte=1, rating__lte=5, passed__isnull=False),
                name="review_rating_from_1_to_5",
            ),
            models.CheckConstraint(
                condition=Q(is_skip=True, passed=None, rating=None, winner="")
                | Q(is_skip=False, passed__isnull=False, winner="")
                | Q(is_skip=False, passed=None, rating=None, winner__in=Winner.values),
                name="review_label_says_one_thing",
            ),
        ]
        indexes = [models.Index(fields=["rater", "-created_at"], name="labels_by_rater")]

    def __str__(self) -> str:
        return f"{self.item_id} by {self.rater_id}"


class AdoptedAnswer(models.Model):
    """A corrected answer that its queue's owner has taken as what is expected of a case in later tests."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    case_key = models.CharField(max_length=64)
    """`EvaluationCase.key`, which tests of one case share."""
    text: Any = SealedTextField()
    label = models.ForeignKey(ReviewLabel, on_delete=models.SET_NULL, null=True, related_name="+")
    label_id: UUID | None
    """Where it comes from."""
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "adopted_answers"
        constraints = [models.UniqueConstraint(fields=["owner", "case_key"], name="one_answer_a_case")]

    def __str__(self) -> str:
        return self.case_key
