"""Splits: a label whose calls go to two versions, a share of them to a candidate, for as long as it is compared."""

from __future__ import annotations

import uuid
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from foundation.sealing.fields import SealedJSONField
from templates_app.models.template import PromptTemplate, TemplateVersion

MOST_SHARE: Final = 99


class Measure(models.TextChoices):
    """What of a call is compared, as a figure from 0 to 1."""

    SUCCESS = "success", "Calls that succeed"
    RATING = "rating", "What people rate"
    SCORES = "scores", "What scorers say"


class SplitOutcome(models.TextChoices):
    """Why a split has ended."""

    WORSE = "worse", "the candidate was shown to be worse"
    BETTER = "better", "the candidate was shown to be better"
    LABEL_MOVED = "label_moved", "the label was moved or taken away"
    STOPPED = "stopped", "somebody stopped it"


class TemplateSplit(models.Model):
    """`share` percent of a label's calls get `candidate`; the others get `control`, where the label points."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    template = models.ForeignKey(PromptTemplate, on_delete=models.CASCADE, related_name="splits")
    template_id: UUID
    label = models.CharField(max_length=50)
    control = models.ForeignKey(TemplateVersion, on_delete=models.CASCADE, related_name="+")
    control_id: UUID
    candidate = models.ForeignKey(TemplateVersion, on_delete=models.CASCADE, related_name="+")
    candidate_id: UUID
    share = models.PositiveSmallIntegerField()
    measure = models.CharField(max_length=10, choices=Measure.choices, default=Measure.SUCCESS)
    promotes = models.BooleanField(default=False)
    """Whether the label moves to the candidate once that is shown to be better."""
    scorers: Any = SealedJSONField(null=True)
    """What judges a call where scores are compared: a suite's, as they were when it began."""
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    """The second person, where the label is protected."""
    approved_by_id: UUID | None
    started_at = models.DateTimeField(default=timezone.now)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    """None: it ended by itself."""
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, choices=SplitOutcome.choices, blank=True, default="")

    class Meta:
        db_table = "template_splits"
        indexes = [models.Index(fields=["template", "label", "-started_at"], name="splits_of_a_label")]
        constraints = [
            models.UniqueConstraint(
                fields=["template", "label"], condition=Q(ended_at=None), name="one_running_split_per_label"
            ),
            models.CheckConstraint(condition=Q(share__gte=1, share__lte=MOST_SHARE), name="split_share_in_percent"),
            models.CheckConstraint(condition=~Q(control=models.F("candidate")), name="split_between_two_versions"),
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.share} %"
