"""How the installation stood: figures, and names of providers; no text of anybody's."""

from __future__ import annotations

from typing import Any

from django.db import models

from foundation.database.json_field import JSONField


class Sample(models.Model):
    """One minute as one host saw it."""

    id = models.BigAutoField(primary_key=True)
    minute = models.DateTimeField()
    """Its beginning (UTC)."""
    host = models.CharField(max_length=100)
    figures: Any = JSONField()
    """By their names (`monitoring.samples.figures`): a number, numbers by provider, or counts of buckets."""

    class Meta:
        db_table = "monitoring_samples"
        constraints = [models.UniqueConstraint(fields=["minute", "host"], name="one_sample_a_minute_and_host")]

    def __str__(self) -> str:
        return f"{self.host} {self.minute}"
