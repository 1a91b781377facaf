"""What a test puts on trial: variants, and the cases that each of them answers."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models

from evaluation_app.models.dataset import CaseOrigin
from evaluation_app.models.test import EvaluationTest
from foundation.database.json_field import JSONField
from foundation.sealing.fields import UNREADABLE, SealedJSONField
from templates_app.models import TemplateVersion


def _unreadable() -> dict[str, str]:
    return {"unreadable": UNREADABLE}


class EvaluationVariant(models.Model):
    """A prompt on a model, as it was when the test was made: editing its template changes no result."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    test = models.ForeignKey(EvaluationTest, on_delete=models.CASCADE, related_name="variants")
    test_id: UUID
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=255)
    model_id = models.CharField(max_length=255)
    template_version = models.ForeignKey(TemplateVersion, on_delete=models.SET_NULL, null=True, related_name="+")
    template_version_id: UUID | None
    body: Any = SealedJSONField(unreadable=_unreadable)
    """What an execution door would be sent for it: prompt or messages or template_id with version, system_prompt,
    parameters; the case's input becomes its `variables`."""
    content_hash = models.CharField(max_length=64)
    """SHA-256 of what is asked, whatever it is called."""
    prices = JSONField(default=dict)
    """USD a million tokens by kind, as they were known at the start; empty where they were not."""

    class Meta:
        db_table = "evaluation_variants"
        constraints = [models.UniqueConstraint(fields=["test", "position"], name="variant_has_its_position")]

    def __str__(self) -> str:
        return self.name


class EvaluationCase(models.Model):
    """An input with what is expected of its answers. All variants and runs of it are one block of work."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    test = models.ForeignKey(EvaluationTest, on_delete=models.CASCADE, related_name="cases")
    test_id: UUID
    position = models.PositiveIntegerField()
    """Its place in what was sent."""
    block = models.PositiveIntegerField()
    """Its place in the work: drawn from the test's seed, so that no order of the cases can bias a partial result."""
    key = models.CharField(max_length=64)
    """The case's own id where it has one, which other tests of it share; else its content's hash."""
    name = models.CharField(max_length=255, blank=True)
    cluster = models.CharField(max_length=255, blank=True)
    """Cases cut from one document are one cluster: then figures count clusters."""
    weight = models.FloatField(default=1.0, db_default=1.0)
    """How much it counts in the weighted figures."""
    tags = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    input: Any = SealedJSONField(empty=dict, unreadable=_unreadable)
    scorers: Any = SealedJSONField(empty=list)
    """[{scorer, params, weight, required}] as checked, those for all cases included."""
    expected: Any = SealedJSONField(null=True, unreadable=_unreadable)
    """What the sender said is expected, as it was sent."""
    origin = models.CharField(max_length=10, choices=CaseOrigin.choices, blank=True, default="", db_default="")
    """Of a case that came out of a dataset."""
    is_generated = models.BooleanField(default=False, db_default=False)
    """A model made it: results tell such cases apart."""
    open_samples = models.PositiveIntegerField()
    """Of all variants; 0: the block is done."""

    class Meta:
        db_table = "evaluation_cases"
        constraints = [
            models.UniqueConstraint(fields=["test", "position"], name="case_has_its_position"),
            models.UniqueConstraint(fields=["test", "block"], name="case_has_its_block"),
            models.CheckConstraint(condition=models.Q(weight__gt=0), name="case_weight_above_nothing"),
        ]
        indexes = [
            models.Index(fields=["test", "block"], condition=models.Q(open_samples__gt=0), name="open_blocks"),
        ]

    def __str__(self) -> str:
        return self.name or f"Case {self.position + 1}"
