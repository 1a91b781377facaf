"""What is masked in the calls of a project."""

from __future__ import annotations

import uuid
from typing import Any, Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from foundation.context import acting
from foundation.sealing.fields import SealedJSONField
from privacy.masking.rules import Files, Pattern, Rules

EVERY: Final = "*"
"""In place of a project's id: every session whose project has no rules of its own, and those of no project."""


class MaskingRules(models.Model):
    """One project's; the words of lists and patterns are about people, and sealed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project_id = models.CharField(max_length=255, unique=True)
    """As sessions have it, or EVERY."""
    email = models.BooleanField(default=False)
    phone = models.BooleanField(default=False)
    iban = models.BooleanField(default=False)
    card = models.BooleanField(default=False)
    names: Any = SealedJSONField(empty=list)
    patterns: Any = SealedJSONField(empty=list)
    """`{"label", "pattern"}`, each."""
    files = models.CharField(max_length=10, choices=Files.choices, default=Files.REFUSE)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "masking_rules"
        verbose_name_plural = "masking rules"
        constraints = [
            models.CheckConstraint(condition=~Q(project_id=""), name="masking_has_a_project"),
            models.CheckConstraint(condition=Q(files__in=Files.values), name="masking_files_known"),
        ]

    def __str__(self) -> str:
        return f"masking of {self.project_id}"

    @property
    def rules(self) -> Rules:
        """The value; raises CannotDecrypt, also for those who only look: rules with a gap would mask less."""
        with acting():
            return Rules(
                email=self.email,
                phone=self.phone,
                iban=self.iban,
                card=self.card,
                names=tuple(self.names),
                patterns=tuple(Pattern(each["label"], each["pattern"]) for each in self.patterns),
                files=self.files,
            )
