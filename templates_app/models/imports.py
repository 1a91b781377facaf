"""Imports of templates, and what each brought."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils import timezone

from foundation.database.json_field import JSONField
from foundation.sealing.fields import SealedJSONField
from templates_app.models.template import PromptTemplate


class TemplateImport(models.Model):
    """Files that somebody brings: looked at first, then carried out, perhaps undone.

    `sources` are the files while they are looked at, `choices` what was said of them; both are sealed, and emptied or
    removed with the files.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    format = models.CharField(max_length=40, blank=True)
    sources: Any = SealedJSONField(empty=list)
    choices: Any = SealedJSONField(empty=dict)
    created_at = models.DateTimeField(default=timezone.now)
    carried_out_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "template_imports"
        indexes = [models.Index(fields=["user", "-created_at"], name="imports_of_a_user")]

    def __str__(self) -> str:
        return f"import of {self.created_at:%Y-%m-%d}"


class ImportedTemplate(models.Model):
    """A template that an import brought or changed, and what its file knows it by."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(TemplateImport, on_delete=models.CASCADE, related_name="entries")
    template = models.ForeignKey(PromptTemplate, on_delete=models.CASCADE, related_name="+")
    template_id: UUID
    origin = models.CharField(max_length=64)
    """SHA-256 of the format and the key."""
    version_before = models.PositiveIntegerField()
    """The present version before the import; 0 of one that it made."""
    version_after = models.PositiveIntegerField()
    is_new = models.BooleanField()
    handed = JSONField(default=dict)
    """What went to other apps: by its name, what they know it by."""

    class Meta:
        db_table = "template_import_entries"
        indexes = [models.Index(fields=["origin"], name="templates_by_origin")]

    def __str__(self) -> str:
        return self.origin[:12]
