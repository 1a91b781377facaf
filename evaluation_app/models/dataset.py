"""Datasets: cases that are kept, in versions that never change."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from foundation.sealing.fields import UNREADABLE, SealedJSONField, SealedTextField
from templates_app.models import PromptTemplate

if TYPE_CHECKING:
    from accounts.models import User

KEY: Final = r"[A-Za-z0-9][A-Za-z0-9._:@~+-]{0,63}"
"""What a case is called by: it stands in addresses."""


class Split(models.TextChoices):
    """What a case is for. Proposals are made from train, and judged on held_out, which they never see."""

    TRAIN = "train", "Train"
    HELD_OUT = "held_out", "Held out"
    SMOKE = "smoke", "Smoke"


class CaseOrigin(models.TextChoices):
    """Where a case came from."""

    PERSON = "person", "A person"
    IMPORT = "import", "A file"
    HISTORY = "history", "A run"
    GENERATED = "generated", "A model"
    REVIEW = "review", "A review"


def _unreadable() -> dict[str, str]:
    return {"unreadable": UNREADABLE}


class DatasetQuerySet(models.QuerySet["Dataset"]):
    """Who sees which dataset: the one rule that every door starts from."""

    def visible_to(self, user: User) -> DatasetQuerySet:
        """Datasets that `user` may read: their own."""
        return self.filter(owner=user)

    def in_use(self) -> DatasetQuerySet:
        """Those that are not archived."""
        return self.filter(archived=False)


class Dataset(models.Model):
    """Cases under one name; what they are stands in its versions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    owner_id: UUID
    name = models.CharField(max_length=255)
    description: Any = SealedTextField()
    template = models.ForeignKey(PromptTemplate, on_delete=models.SET_NULL, null=True, related_name="+")
    template_id: UUID | None
    """What inputs are typed against: its present version's variables."""
    archived = models.BooleanField(default=False)
    newest = models.PositiveIntegerField(default=1)
    """The number of its newest version."""
    revision = models.PositiveIntegerField(default=1)
    """Counts every change: what ETags are made of."""
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = DatasetQuerySet.as_manager()

    class Meta:
        db_table = "evaluation_datasets"
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], condition=Q(archived=False), name="one_dataset_a_name"),
        ]
        indexes = [models.Index(fields=["owner", "-updated_at", "-id"], name="datasets_by_owner")]

    def __str__(self) -> str:
        return self.name


class DatasetVersion(models.Model):
    """What a dataset held at one time. Rows are never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="versions")
    dataset_id: UUID
    number = models.PositiveIntegerField()
    note: Any = SealedTextField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    content_hash = models.CharField(max_length=64)
    """SHA-256 of its cases' keys and contents in their order."""
    case_count = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "evaluation_dataset_versions"
        constraints = [models.UniqueConstraint(fields=["dataset", "number"], name="one_dataset_version_a_number")]

    def __str__(self) -> str:
        return f"version {self.number}"


class DatasetCaseQuerySet(models.QuerySet["DatasetCase"]):
    """Cases by the version that they belong to."""

    def of(self, dataset: Dataset, number: int) -> DatasetCaseQuerySet:
        """The cases of that version, in their order."""
        there = Q(until__isnull=True) | Q(until__gt=number)
        return self.filter(there, dataset=dataset, since__lte=number).order_by("rank", "id")


class DatasetCase(models.Model):
    """A case as it was from version `since` to before `until`: what an edit leaves alone is not copied."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="cases")
    dataset_id: UUID
    key = models.CharField(max_length=64)
    """The case's own id: the same in every version, and in every test of it."""
    since = models.PositiveIntegerField()
    until = models.PositiveIntegerField(null=True)
    rank = models.BigIntegerField()
    """What cases are ordered by; with gaps, so that one may be put between two."""
    name = models.CharField(max_length=255, blank=True, default="")
    split = models.CharField(max_length=10, choices=Split.choices, default=Split.TRAIN)
    cluster = models.CharField(max_length=255, blank=True, default="")
    weight = models.FloatField(default=1.0, db_default=1.0)
    """How much it counts in the weighted figures of a test."""
    tags = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    origin = models.CharField(max_length=10, choices=CaseOrigin.choices, default=CaseOrigin.PERSON)
    is_generated = models.BooleanField(default=False)
    """A model made it. No edit takes this away."""
    input: Any = SealedJSONField(empty=dict, unreadable=_unreadable)
    expected: Any = SealedJSONField(null=True, unreadable=_unreadable)
    """`{type, …}` as a test case's `expected_output`, or nothing."""
    scorers: Any = SealedJSONField(empty=list)
    content_hash = models.CharField(max_length=64)
    """SHA-256 of everything above that an edit can change."""

    objects = DatasetCaseQuerySet.as_manager()

    class Meta:
        db_table = "evaluation_dataset_cases"
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "key"], condition=Q(until__isnull=True), name="one_present_case_a_key"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="case_is_in_a_version"
            ),
            models.CheckConstraint(condition=Q(split__in=Split.values), name="case_split_known"),
            models.CheckConstraint(condition=Q(weight__gt=0), name="dataset_case_weight_above_nothing"),
            models.CheckConstraint(condition=Q(origin__in=CaseOrigin.values), name="case_origin_known"),
        ]
        indexes = [
            models.Index(fields=["dataset", "rank", "id"], name="dataset_cases_in_order"),
            models.Index(fields=["dataset", "key"], name="dataset_cases_by_key"),
        ]

    def __str__(self) -> str:
        return self.name or self.key
