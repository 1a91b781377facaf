"""What is known of a traffic split while it runs."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from foundation.database.json_field import JSONField
from templates_app.models import TemplateSplit


class SplitWatch(models.Model):
    """How far a split's calls were looked at, and what they showed; one writer at a time, which locks the row."""

    split = models.OneToOneField(TemplateSplit, on_delete=models.CASCADE, primary_key=True, related_name="+")
    split_id: UUID
    race = JSONField(default=dict)
    """`statistics.traffic.Race.as_json`; empty before the first call that counts."""
    calls = JSONField(default=dict)
    """By arm, how many of its calls have ended."""
    cursor_at = models.DateTimeField(null=True)
    cursor_id = models.UUIDField(null=True)
    """The last call that was looked at: they are taken in the order in which they began."""
    looked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "evaluation_split_watches"

    def __str__(self) -> str:
        return str(self.split_id)


class SplitUnit(models.Model):
    """A key whose first call has counted; `unit` is its hash (templates_app.splits.routing)."""

    id = models.BigAutoField(primary_key=True)
    watch = models.ForeignKey(SplitWatch, on_delete=models.CASCADE, related_name="+")
    unit = models.CharField(max_length=16)

    class Meta:
        db_table = "evaluation_split_units"
        constraints = [models.UniqueConstraint(fields=["watch", "unit"], name="a_key_counts_once")]

    def __str__(self) -> str:
        return self.unit
