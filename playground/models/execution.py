"""Executions: what was asked and what came back, and who runs them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.fields.json import KT
from django.db.models.functions import Now
from django.db.models.lookups import GreaterThan
from django.utils import timezone

from foundation.sealing.encryption import Lost
from foundation.sealing.fields import UNREADABLE, SealedJSONField, SealedTextField, WideNumbers
from foundation.sealing.files.row import SealedFile
from foundation.sealing.files.values import LOST, fetched
from playground.models.comparison import Comparison
from sessions_app.models import PlaygroundSession
from templates_app.models import TemplateVersion

if TYPE_CHECKING:
    from accounts.models import User

LONGEST_TAG: Final = 100
SEALED_NOTES: Final = ("schema_error", "late_error")
"""What of the metadata may quote, and is sealed with the answer."""


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


class Origin(models.TextChoices):
    """Who or what had an execution made: decides what its beginning and its end do beside it."""

    PERSON = "person"
    SERVICE = "service"
    COMPARISON = "comparison"
    EVALUATION = "evaluation"
    JUDGE = "judge"
    TRACE = "trace"
    """Made elsewhere, and told by its trace: nothing was asked or spent here."""

    @property
    def is_batch(self) -> bool:
        """One of very many that nobody waits for: people go first, it moves no counter and nobody watches it."""
        return self in (Origin.EVALUATION, Origin.JUDGE)


class LeaseQuerySet(models.QuerySet["RunnerLease"]):
    """Which processes live."""

    def workers(self) -> LeaseQuerySet:
        """Workers that are alive."""
        return self.filter(role="worker", expires_at__gt=Now())


class RunnerLease(models.Model):
    """A process that runs executions: alive while `expires_at` (database time) lies ahead."""

    id = models.UUIDField(primary_key=True)
    expires_at = models.DateTimeField()
    role = models.CharField(max_length=10, default="web", db_default="web")
    """What kind of process it is (`engine.host.Role`)."""

    objects = LeaseQuerySet.as_manager()

    class Meta:
        db_table = "runner_leases"

    def __str__(self) -> str:
        return str(self.id)


class ExecutionQuerySet(models.QuerySet["PromptExecution"]):
    """Who sees which execution: the one rule that every door starts from."""

    def visible_to(self, user: User) -> ExecutionQuerySet:
        """Executions of the sessions that `user` may read."""
        return self.filter(session__in=PlaygroundSession.objects.visible_to(user))

    def seen_by(self, user: User, execution_ids: set[UUID]) -> set[UUID]:
        """Which of these `user` may read; asked for all open streams every few seconds.

        Most read what lies in a session of their own, which is told without the rule's longer statement.
        """
        own = self.filter(id__in=execution_ids, session__user=user, session__deleted_at=None)
        seen = set(own.values_list("id", flat=True))
        if others := execution_ids - seen:
            seen |= set(self.visible_to(user).filter(id__in=others).values_list("id", flat=True))
        return seen

    def stoppable_by(self, user: User) -> ExecutionQuerySet:
        """Executions that `user` may cancel: of their sessions, those of their tests among them."""
        return self.filter(session__in=PlaygroundSession.objects.kept_by(user))

    def unfinished(self) -> ExecutionQuerySet:
        """Executions that something still has to end."""
        return self.filter(status__in=(Status.PENDING, Status.RUNNING))


LARGE: Final = 64 * 1024
"""Bytes, sealed, up to which an answer stays in its row."""


def _large_answer(execution: PromptExecution) -> bytes:
    try:
        row: SealedFile = execution.large_answer
    except ObjectDoesNotExist:
        raise Lost(LOST) from None
    return fetched(row)


class PromptExecution(models.Model):
    """One prompt sent to one model, with what came back.

    `request` seals prompt, system_prompt, messages, context, tools and variables; `answer` seals response, reasoning,
    tool_executions, what does not fit the schema that was asked for and what the provider said against it afterwards;
    `notes` seals what the caller sent as metadata.
    Parameters (stop sequences, schemas) and the error's message, which may quote the prompt, are sealed too. What is
    plain holds no text but tags and names.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(PlaygroundSession, on_delete=models.CASCADE, related_name="+")
    session_id: UUID
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    user_id: UUID
    model_id = models.CharField(max_length=255)
    request: Any = SealedJSONField(unreadable=lambda: {"prompt": UNREADABLE})
    answer: Any = SealedJSONField(null=True, unreadable=lambda: {"response": UNREADABLE}, elsewhere=_large_answer)
    """Soon after the end, one of over LARGE bytes lies in the object storage (LargeAnswer)."""
    parameters: Any = SealedJSONField(empty=dict)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.PENDING)
    error_code = models.CharField(max_length=50, blank=True, default="")
    error_message: Any = SealedTextField()
    prompt_tokens = models.BigIntegerField(default=0)
    completion_tokens = models.BigIntegerField(default=0)
    estimated_cost = models.DecimalField(max_digits=20, decimal_places=8, default=0)
    billing = models.JSONField(null=True, decoder=WideNumbers)
    """How that came about: `details` (the provider's counts of parts), `lines` (api.md, `cost_lines`; decimals as text)
    with the prices that it was billed by. None where it was billed before lines were kept."""
    execution_time = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    metadata = models.JSONField(default=dict, decoder=WideNumbers)
    """What the service notes of the run, and the caller's tags."""
    notes: Any = SealedJSONField(empty=dict)
    """What else the caller sent as metadata."""
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    runner_id = models.UUIDField(null=True)
    token_id = models.UUIDField(null=True)
    """The API token that asked; None: a person's session, or what runs for them."""
    cancel_requested = models.BooleanField(default=False)
    origin = models.CharField(
        max_length=20, choices=Origin.choices, default=Origin.SERVICE, db_default=Origin.SERVICE.value
    )
    max_cost = models.DecimalField(max_digits=20, decimal_places=8, null=True)
    """USD that all attempts together may cost; None: whatever they do."""
    reserved_cost = models.DecimalField(max_digits=20, decimal_places=8, default=0, db_default=0)
    reserved_tokens = models.BigIntegerField(default=0, db_default=0)
    """What was set aside for its attempts before they were made (engine.reservation)."""
    last_event = models.PositiveIntegerField(default=0)
    parent = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, db_index=False, related_name="continuations"
    )
    parent_id: UUID | None
    """The turn before this one, where the session is a conversation."""
    template_version = models.ForeignKey(
        TemplateVersion, on_delete=models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    template_version_id: UUID | None
    comparison = models.ForeignKey(
        Comparison, on_delete=models.SET_NULL, null=True, db_index=False, related_name="executions"
    )
    comparison_id: UUID | None
    comparison_position = models.PositiveSmallIntegerField(null=True)

    objects = ExecutionQuerySet.as_manager()

    class Meta:
        db_table = "prompt_executions"
        verbose_name = "execution"
        indexes = [
            # The history's filters are answered from the index; rows are read for the page alone.
            models.Index(
                fields=["session", "-created_at", "-id"],
                include=["status", "model_id", "estimated_cost"],
                name="executions_in_history",
            ),
            models.Index(
                fields=["session", "-created_at", "-id"],
                condition=Q(metadata__has_key="tags"),
                name="tagged_executions",
            ),
            models.Index(fields=["user", "-created_at", "-id"], name="executions_by_user"),
            models.Index(
                fields=["runner_id"],
                condition=Q(status__in=("pending", "running")),
                name="unfinished_executions",
            ),
            # They come in the order of their time: what asks for a span of it reads that alone.
            BrinIndex(fields=["created_at"], autosummarize=True, name="executions_by_time"),
            # Those whose answer is to be moved out of its row: none, but for the last minutes.
            models.Index(
                fields=["ended_at"],
                condition=Q(
                    GreaterThan(Func(F("answer"), function="octet_length", output_field=models.IntegerField()), LARGE)
                ),
                name="executions_with_large_answers",
            ),
            # Most executions have none of these: only those that do are in the index.
            models.Index(fields=["parent"], condition=Q(parent__isnull=False), name="executions_by_parent"),
            models.Index(
                KT("metadata__replay_of"), condition=Q(metadata__has_key="replay_of"), name="executions_by_replayed"
            ),
            models.Index(
                fields=["template_version", "-created_at"],
                condition=Q(template_version__isnull=False),
                name="executions_by_template",
            ),
            models.Index(fields=["comparison"], condition=Q(comparison__isnull=False), name="executions_by_comparison"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="execution_status_known"),
            models.CheckConstraint(condition=Q(origin__in=Origin.values), name="execution_origin_known"),
            models.CheckConstraint(
                condition=Q(max_cost=None) | Q(reserved_cost__lte=models.F("max_cost")),
                name="execution_within_its_max_cost",
            ),
            models.CheckConstraint(
                condition=Q(prompt_tokens__gte=0, completion_tokens__gte=0, estimated_cost__gte=0),
                name="execution_usage_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model_id} {self.id}"

    @property
    def whole_metadata(self) -> dict[str, Any]:
        """Metadata as everybody is told it; what the service notes stands above the caller's own."""
        answer = self.answer or {}
        return {**self.notes, **self.metadata, **{name: answer[name] for name in SEALED_NOTES if answer.get(name)}}


def split_metadata(given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What of a caller's metadata can stand in clear for the history's filter, and the rest: `metadata`, `notes`."""
    tags = given.get("tags")
    are_tags = isinstance(tags, list) and all(isinstance(tag, str) and len(tag) <= LONGEST_TAG for tag in tags)
    plain = {"tags": tags} if are_tags else {}
    return plain, {name: value for name, value in given.items() if name not in plain}


class IdempotencyKey(models.Model):
    """A client's promise that two calls are one; kept for 24 hours."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
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
