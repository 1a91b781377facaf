"""What the execution engine keeps: executions, who runs them, and the providers they run on."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from foundation.fields import SealedJSONField, WideNumbers
from foundation.guarded import AddressRefused, check_url
from sessions_app.models import PlaygroundSession

if TYPE_CHECKING:
    from accounts.models import User


class Status(models.TextChoices):
    """An execution's life: pending → running → completed | failed | cancelled (engine.lifecycle)."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing follows."""
        return self not in (Status.PENDING, Status.RUNNING)


class RunnerLease(models.Model):
    """A web process that runs executions: alive while `expires_at` (database time) lies ahead."""

    id = models.UUIDField(primary_key=True)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "runner_leases"

    def __str__(self) -> str:
        return str(self.id)


class ExecutionQuerySet(models.QuerySet["PromptExecution"]):
    """Who sees which execution: the one rule that every door starts from."""

    def visible_to(self, user: User) -> ExecutionQuerySet:
        """Executions of the sessions that `user` may read."""
        return self.filter(user=user)

    def editable_by(self, user: User) -> ExecutionQuerySet:
        """Executions that `user` may cancel."""
        return self.filter(user=user)

    def unfinished(self) -> ExecutionQuerySet:
        """Executions that something still has to end."""
        return self.filter(status__in=(Status.PENDING, Status.RUNNING))


class PromptExecution(models.Model):
    """One prompt sent to one model, with what came back.

    `request` seals prompt, system_prompt, messages, context, tools and variables;
    `answer` seals response, reasoning and tool_executions. Everything else is plain, and holds no text.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(PlaygroundSession, on_delete=models.CASCADE, related_name="executions")
    session_id: UUID
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="executions")
    user_id: UUID
    model_id = models.CharField(max_length=255)
    request: Any = SealedJSONField()
    answer: Any = SealedJSONField(null=True)
    parameters = models.JSONField(default=dict, decoder=WideNumbers)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.PENDING)
    error_code = models.CharField(max_length=50, blank=True, default="")
    error_message = models.TextField(blank=True, default="")
    prompt_tokens = models.BigIntegerField(default=0)
    completion_tokens = models.BigIntegerField(default=0)
    estimated_cost = models.DecimalField(max_digits=20, decimal_places=8, default=0)
    execution_time = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    metadata = models.JSONField(default=dict, decoder=WideNumbers)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    runner_id = models.UUIDField(null=True)
    cancel_requested = models.BooleanField(default=False)
    last_event = models.PositiveIntegerField(default=0)

    objects = ExecutionQuerySet.as_manager()

    class Meta:
        db_table = "prompt_executions"
        indexes = [
            models.Index(fields=["session", "-created_at", "-id"], name="executions_by_session"),
            models.Index(fields=["user", "-created_at", "-id"], name="executions_by_user"),
            models.Index(
                fields=["runner_id"],
                condition=Q(status__in=("pending", "running")),
                name="unfinished_executions",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="execution_status_known"),
            models.CheckConstraint(
                condition=Q(prompt_tokens__gte=0, completion_tokens__gte=0, estimated_cost__gte=0),
                name="execution_usage_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model_id} {self.id}"


class IdempotencyKey(models.Model):
    """A client's promise that two calls are one; kept for 24 hours."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    route = models.CharField(max_length=64)
    key = models.CharField(max_length=255)
    body_hash = models.BinaryField(max_length=32)
    execution = models.ForeignKey(PromptExecution, on_delete=models.CASCADE)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        db_table = "idempotency_keys"
        constraints = [models.UniqueConstraint(fields=["user", "route", "key"], name="one_run_per_idempotency_key")]

    def __str__(self) -> str:
        return f"{self.route} {self.key}"


class Wire(models.TextChoices):
    """The wire format that a provider speaks."""

    OPENAI = "openai", "OpenAI-compatible chat completions"
    ANTHROPIC = "anthropic", "Anthropic Messages"
    OLLAMA = "ollama", "Ollama chat"
    LITELLM = "litellm", "any provider of LiteLLM"
    PYTHON = "python", "a Python class of this installation"


class Provider(models.Model):
    """A provider added by an administrator; the built-in ones come from the environment.

    The key is only ever sent to the address it was saved for: saving another one clears it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.CharField(
        max_length=50,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9_-]*$", "lower-case letters, digits, - and _")],
    )
    name = models.CharField(max_length=100)
    wire = models.CharField(max_length=20, choices=Wire.choices, default=Wire.OPENAI)
    base_url = models.URLField(blank=True, help_text="e.g. https://models.example.org/v1; left out for LiteLLM's own")
    litellm_prefix = models.CharField(max_length=50, blank=True, help_text="LiteLLM's provider prefix, e.g. groq")
    python_class = models.CharField(max_length=255, blank=True, help_text="one of the classes that settings allow")
    credentials: Any = SealedJSONField(null=True)
    is_enabled = models.BooleanField(default=True)
    requests_per_minute = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    tokens_per_minute = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    max_concurrency = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    allow_private_address = models.BooleanField(
        default=False, help_text="The address may lie in this host's own or private networks."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "providers"

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Saves; where the address has changed without a new key, the old key goes in the same statement."""
        credentials = self.credentials
        if credentials and credentials.get("address") != self.address:
            is_new = "address" not in credentials
            self.credentials = {**credentials, "address": self.address} if is_new else None
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "credentials"}
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Refuses what `what_is_missing` names, before it is saved."""
        if reason := self.what_is_missing():
            raise ValidationError(reason)

    @property
    def address(self) -> str:
        """Where calls go: a key belongs to it."""
        return f"{self.wire} {self.litellm_prefix} {self.python_class} {self.base_url}"

    @property
    def key(self) -> str | None:
        """The saved key, while the address is the one that it was saved for."""
        credentials = self.credentials or {}
        return credentials.get("api_key") if credentials.get("address") == self.address else None

    def set_key(self, key: str) -> None:
        """Takes a new key for the present address."""
        self.credentials = {"api_key": key, "address": self.address} if key else None

    def what_is_missing(self) -> str:
        """Why this provider cannot be called; empty when it can."""
        if self.wire == Wire.LITELLM and not self.litellm_prefix:
            return "LiteLLM's provider prefix is not set."
        if self.wire == Wire.PYTHON and self.python_class not in settings.ENV.provider_classes:
            return "The Python class is none of PROVIDER_CLASSES."
        if self.wire == Wire.LITELLM and self.base_url and not self.allow_private_address:
            return "LiteLLM connects by itself, so its address cannot be judged: allow private addresses for it."
        if not self.base_url:
            return "" if self.wire in (Wire.LITELLM, Wire.PYTHON) else "The base URL is not set."
        try:
            check_url(self.base_url, allow_private=self.allow_private_address)
        except AddressRefused as error:
            return f"The base URL is refused: {error}."
        return ""


class CatalogueModel(models.Model):
    """What is known of one model: listed by its provider, used by somebody, or overridden by an administrator."""

    id = models.CharField(primary_key=True, max_length=255, help_text="provider/model")
    provider = models.CharField(max_length=50, db_index=True)
    listed_at = models.DateTimeField(null=True, help_text="When its provider last listed it.")
    last_used_at = models.DateTimeField(null=True)
    details = models.JSONField(default=dict, blank=True, help_text="What the provider's listing says.")
    overrides = models.JSONField(default=dict, blank=True, help_text="Fields of GET /api/models set by hand.")

    class Meta:
        db_table = "catalogue_models"

    def __str__(self) -> str:
        return self.id
