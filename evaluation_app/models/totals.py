"""What statistics read: a variant's outcomes by case, never the samples themselves."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from evaluation_app.models.test import EvaluationTest
from evaluation_app.models.trial import EvaluationCase, EvaluationVariant


class CaseTotal(models.Model):
    """One variant on one case whose samples have all ended; lists are in the order of the runs."""

    id = models.BigAutoField(primary_key=True)
    test = models.ForeignKey(EvaluationTest, on_delete=models.CASCADE, related_name="totals")
    variant = models.ForeignKey(EvaluationVariant, on_delete=models.CASCADE, related_name="+")
    case = models.ForeignKey(EvaluationCase, on_delete=models.CASCADE, related_name="+")
    block = models.PositiveIntegerField()
    passes = ArrayField(models.BooleanField())
    """Of scored samples."""
    scores = ArrayField(models.FloatField(null=True))
    """Of the same samples."""
    digests = ArrayField(models.CharField(max_length=16))
    """Of all answered samples."""
    meanings = ArrayField(models.PositiveSmallIntegerField(), default=list, db_default=[])
    """A group for each of them, one for all that say the same; empty where that is not known (`figures.meanings`)."""
    latencies = ArrayField(models.FloatField())
    """Seconds; of all answered samples."""
    cost = models.DecimalField(max_digits=20, decimal_places=8)
    prompt_tokens = models.BigIntegerField()
    completion_tokens = models.BigIntegerField()
    errors = models.PositiveIntegerField()
    scorer_errors = models.PositiveIntegerField()
    skipped = models.PositiveIntegerField()

    class Meta:
        db_table = "evaluation_case_totals"
        constraints = [models.UniqueConstraint(fields=["variant", "case"], name="one_total_a_case")]
        indexes = [models.Index(fields=["test", "block"], name="totals_in_order")]

    def __str__(self) -> str:
        return f"{self.variant_id} {self.case_id}"
