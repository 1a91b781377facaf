"""The providers that administrators add, and what is known of every model."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone

from foundation.database.json_field import JSONField
from foundation.http.guarded import AddressRefused, check_url
from foundation.sealing.encryption import CannotDecrypt
from foundation.sealing.fields import SealedJSONField
from providers.base import Timeouts
from providers.catalogue import facts
from providers.wires.installed import NotUsable, imported

CLOCKS: Final = ("connect_seconds", "first_byte_seconds", "idle_seconds")
SHORTEST_CLOCK: Final = 0.1
LONGEST_CLOCK: Final = 3600.0
LIMITS: Final = ("requests_per_minute", "tokens_per_minute", "max_concurrency")


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
    connect_seconds = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(SHORTEST_CLOCK), MaxValueValidator(LONGEST_CLOCK)],
        help_text="Seconds that a connection may take; left out: PROVIDER_CONNECT_SECONDS.",
    )
    first_byte_seconds = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(SHORTEST_CLOCK), MaxValueValidator(LONGEST_CLOCK)],
        help_text="Seconds until an answer begins; left out: PROVIDER_FIRST_BYTE_SECONDS, or the run's whole time.",
    )
    idle_seconds = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(SHORTEST_CLOCK), MaxValueValidator(LONGEST_CLOCK)],
        help_text="Seconds of silence within an answer; left out: PROVIDER_IDLE_SECONDS.",
    )
    allow_private_address = models.BooleanField(
        default=False, help_text="The address may lie in this host's own or private networks."
    )
    has_batches = models.BooleanField(
        default=False,
        db_default=False,
        help_text="It has OpenAI's or Anthropic's batch interface; these two themselves need not be told.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "providers"

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Saves; where the address has changed without a new key, the old key goes in the same statement."""
        credentials = self._opened_credentials()
        if credentials and credentials.get("address") != self.address:
            is_new = "address" not in credentials
            self.credentials = {**credentials, "address": self.address} if is_new else None
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "credentials"}
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Refuses what `what_is_missing` names, and a class that cannot be imported, before it is saved."""
        if reason := self.what_is_missing():
            raise ValidationError(reason)
        if self.wire == Wire.PYTHON and self.is_enabled:
            try:
                imported(self.python_class)
            except NotUsable as error:
                raise ValidationError({"python_class": str(error)}) from None

    @property
    def address(self) -> str:
        """Where calls go: a key belongs to it."""
        return f"{self.wire} {self.litellm_prefix} {self.python_class} {self.base_url}"

    @property
    def key(self) -> str | None:
        """The saved key, while the address is the one that it was saved for."""
        credentials = self.credentials or {}
        key = credentials.get("api_key") if credentials.get("address") == self.address else None
        return key.strip() or None if isinstance(key, str) else None

    @property
    def key_hint(self) -> str:
        """What may be shown of the saved key: its last four characters."""
        credentials = self._opened_credentials()
        if credentials is None:
            return "none" if self.__dict__["credentials"] is None else "cannot be opened"
        key = credentials.get("api_key", "")
        return f"…{key[-4:]}" if len(key) > 8 else "set" if key else "none"

    def _opened_credentials(self) -> dict[str, Any] | None:
        """None also where ENCRYPTION_KEYS lacks their key: then they stay as they are, for the day it is back."""
        try:
            credentials: dict[str, Any] | None = self.credentials
        except CannotDecrypt:
            return None
        return credentials

    def timeouts(self, otherwise: Timeouts) -> Timeouts:
        """Its clocks; those of `otherwise` where it has none of its own."""
        own = {name.removesuffix("_seconds"): getattr(self, name) for name in CLOCKS}
        return replace(otherwise, **{name: seconds for name, seconds in own.items() if seconds is not None})

    def set_key(self, key: str) -> None:
        """Takes a new key for the present address; white space around it is not part of it."""
        key = key.strip()
        self.credentials = {"api_key": key, "address": self.address} if key else None

    def what_is_missing(self) -> str:
        """Why this provider cannot be called; empty when it can."""
        for name in LIMITS:
            if getattr(self, name) is not None and getattr(self, name) < 1:
                return f"{name.replace('_', ' ').capitalize()}: at least 1 is expected."
        for name in CLOCKS:
            seconds = getattr(self, name)
            if seconds is not None and not SHORTEST_CLOCK <= seconds <= LONGEST_CLOCK:
                return f"{name.replace('_', ' ').capitalize()}: {SHORTEST_CLOCK:g} to {LONGEST_CLOCK:g} is expected."
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
    details = JSONField(default=dict, blank=True, help_text="What the provider's listing says.")
    overrides = JSONField(default=dict, blank=True, help_text="Fields of GET /api/models set by hand.")

    class Meta:
        db_table = "catalogue_models"
        verbose_name = "model"

    def __str__(self) -> str:
        return self.id

    def clean(self) -> None:
        """Refuses an id that is not its provider's, and overrides that `info.describe` could not use."""
        wrong: dict[str, list[str]] = {}
        if in_id := facts.id_faults(self.id, self.provider):
            wrong["id"] = in_id
        if self.overrides is None:
            self.overrides = {}
        if in_overrides := facts.faults(self.overrides, "overrides", only_known=True):
            wrong["overrides"] = in_overrides
        if wrong:
            raise ValidationError(wrong)


class BreakerTransition(models.Model):
    """A breaker that changed its state: a provider's, or a model's. Written by `providers.line.history`."""

    id = models.BigAutoField(primary_key=True)
    provider = models.CharField(max_length=50)
    """Its slug: the row outlives the provider."""
    model_id = models.CharField(max_length=255, blank=True, default="")
    """Empty: the provider's own breaker, which concerns all its models."""
    from_state = models.CharField(max_length=10)
    """`providers.line.breaker.State`"""
    to_state = models.CharField(max_length=10)
    at = models.DateTimeField()
    reason = models.CharField(max_length=50, blank=True, default="")
    """The code of the failure that opened it, or why it changed otherwise (`providers.line.history.REASONS`)."""
    entry = models.CharField(max_length=60, unique=True)
    """Where it stood in Redis: what is taken twice is written once."""

    class Meta:
        db_table = "breaker_transitions"
        indexes = [
            models.Index(fields=["provider", "model_id", "-at", "-id"], name="transitions_by_breaker"),
            models.Index(fields=["at"], name="transitions_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.model_id or self.provider}: {self.from_state} to {self.to_state}"
