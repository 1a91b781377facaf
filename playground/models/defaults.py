"""What a person's new prompts begin with."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from foundation.sealing.fields import SealedJSONField


class PlaygroundDefaults(models.Model):
    """The model and the parameters that somebody's new prompts begin with; without a row, as the models have them.

    Parameters hold what people wrote (stop sequences, schemas), and are sealed.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")
    model_id = models.CharField(max_length=255, blank=True, default="")
    """Empty: the one that was chosen last."""
    parameters: Any = SealedJSONField(empty=dict)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "playground_defaults"
        verbose_name_plural = "playground defaults"

    def __str__(self) -> str:
        return f"Defaults of {self.user_id}"
