"""Labels: where each points and was, which are protected, and what was asked of those."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from foundation.database.json_field import JSONField
from foundation.sealing.fields import SealedTextField
from templates_app.models.split import TemplateSplit
from templates_app.models.template import PromptTemplate, TemplateVersion


class TemplateLabel(models.Model):
    """A name that points at one version, such as `production`."""

    id = models.BigAutoField(primary_key=True)
    template = models.ForeignKey(PromptTemplate, on_delete=models.CASCADE, related_name="labels")
    name = models.CharField(max_length=50)
    version = models.ForeignKey(TemplateVersion, on_delete=models.CASCADE, related_name="labels")
    version_id: UUID
    split = models.OneToOneField(TemplateSplit, on_delete=models.SET_NULL, null=True, related_name="+")
    """The one that runs: some of its calls get another version."""
    moved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    moved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "template_labels"
        constraints = [models.UniqueConstraint(fields=["template", "name"], name="one_place_per_label")]

    def __str__(self) -> str:
        return self.name


class LabelMove(models.Model):
    """One move of a label, for its history; without `version` the label was taken away."""

    id = models.BigAutoField(primary_key=True)
    template = models.ForeignKey(PromptTemplate, on_delete=models.CASCADE, related_name="label_moves")
    name = models.CharField(max_length=50)
    version = models.ForeignKey(TemplateVersion, on_delete=models.CASCADE, null=True, related_name="+")
    previous = models.ForeignKey(TemplateVersion, on_delete=models.CASCADE, null=True, related_name="+")
    moved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    moved_at = models.DateTimeField(default=timezone.now)
    is_rollback = models.BooleanField(default=False)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    """Who let it through where it would have been refused."""
    note: Any = SealedTextField()
    """Why they did, and what had refused it."""

    class Meta:
        db_table = "template_label_moves"
        indexes = [models.Index(fields=["template", "name", "-id"], name="moves_of_a_label")]

    def __str__(self) -> str:
        return f"{self.name} to {self.version}"


class LabelProtection(models.Model):
    """That a label of a template moves by the word of a second person only, whether it points anywhere or not."""

    id = models.BigAutoField(primary_key=True)
    template = models.ForeignKey(PromptTemplate, on_delete=models.CASCADE, related_name="protections")
    name = models.CharField(max_length=50)
    protected_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    protected_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "template_label_protections"
        constraints = [models.UniqueConstraint(fields=["template", "name"], name="one_protection_per_label")]

    def __str__(self) -> str:
        return self.name


class RequestedAct(models.TextChoices):
    """What may be asked of a protected label."""

    MOVE = "move"
    REMOVE = "remove"
    UNPROTECT = "unprotect"
    SPLIT = "split"


class RequestStatus(models.TextChoices):
    """What became of a request; all but `open` are for good."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class LabelRequest(models.Model):
    """What somebody asks of a protected label, and what a second person said; kept when it is decided."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    template = models.ForeignKey(PromptTemplate, on_delete=models.CASCADE, related_name="label_requests")
    template_id: UUID
    name = models.CharField(max_length=50)
    act = models.CharField(max_length=10, choices=RequestedAct.choices)
    version = models.ForeignKey(TemplateVersion, on_delete=models.CASCADE, null=True, related_name="+")
    """Where it shall point, or which gets a share of its calls; null for what is neither."""
    terms = JSONField(null=True)
    """Of a split, `splits.terms.Terms.as_json`."""
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_by_id: UUID | None
    asked_at = models.DateTimeField(default=timezone.now)
    reason: Any = SealedTextField()
    status = models.CharField(max_length=10, choices=RequestStatus.choices, default=RequestStatus.OPEN)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision: Any = SealedTextField()
    """Why it was approved, refused or withdrawn."""

    class Meta:
        db_table = "template_label_requests"
        indexes = [models.Index(fields=["template", "name", "-asked_at"], name="requests_of_a_label")]
        constraints = [
            models.UniqueConstraint(
                fields=["template", "name"], condition=Q(status="open"), name="one_open_request_per_label"
            ),
            models.CheckConstraint(condition=Q(act__in=RequestedAct.values), name="label_request_act_known"),
            models.CheckConstraint(condition=Q(status__in=RequestStatus.values), name="label_request_status_known"),
            models.CheckConstraint(
                condition=Q(act__in=("move", "split"), version__isnull=False)
                | (~Q(act__in=("move", "split")) & Q(version__isnull=True)),
                name="label_request_names_a_version_to_move_to",
            ),
            models.CheckConstraint(
                condition=Q(act="split", terms__isnull=False) | (~Q(act="split") & Q(terms__isnull=True)),
                name="label_request_tells_how_to_split",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.name}: {self.status}"
