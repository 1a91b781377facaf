"""What becomes of a person's executions, feedback and files when they are erased."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django_redis import get_redis_connection

from foundation.sealing.encryption import keyring
from foundation.sealing.files.sweeping import is_removed
from playground.engine.cache import keys_of
from playground.keeping import large_answers
from playground.keeping.retention import remove
from playground.models import (
    Attachment,
    Comparison,
    ComparisonVote,
    ExecutionComment,
    ExecutionRating,
    ExecutionUsage,
    IdempotencyKey,
    PlaygroundDefaults,
    PromptExecution,
)
from playground.stream import log
from privacy.erasure.searching import opens
from privacy.erasure.steps import SOME, NotYet, Stage, kept_for_others, register, removed, used_by_others
from sessions_app.models import PlaygroundSession
from templates_app.models import PromptTemplate


def declare() -> None:
    """To be called when the app is ready."""
    register(Stage.STOP, "executions that run", _stop)
    register(Stage.CONTENT, "executions", _executions)
    register(Stage.CONTENT, "feedback", _feedback)
    register(Stage.CONTENT, "comparisons", _comparisons)
    register(Stage.CONTENT, "what new prompts begin with", _defaults)
    register(Stage.COPIES, "uploaded files", _files)
    register(Stage.PERSON, "usage", _usage)
    register(Stage.COPIES, "cached answers and streams", _remembered)
    used_by_others(PlaygroundSession, lambda user_id: Q(id__in=_by_others(user_id).values("session_id")))
    used_by_others(PromptTemplate, lambda user_id: Q(versions__in=_by_others(user_id).values("template_version_id")))
    opens("execution-cache:", lambda key, value: keyring().open(value, place=key))
    opens("execution:", log.opened)


def _by_others(user_id: UUID) -> Any:
    """Executions of others in this person's sessions, or of their templates."""
    theirs = Q(session__user_id=user_id) | Q(template_version__template__owner_id=user_id)
    return PromptExecution.objects.filter(theirs).exclude(user_id=user_id).order_by()


def _stop(user_id: UUID) -> int:
    unfinished = PromptExecution.objects.filter(user_id=user_id).unfinished()
    if asked := unfinished.filter(cancel_requested=False).update(cancel_requested=True):
        return asked
    if unfinished.exists():
        raise NotYet("Executions of theirs are being cancelled.")
    return 0


def _executions(user_id: UUID) -> int:
    rows = PromptExecution.objects.filter(user_id=user_id).exclude(pk__in=kept_for_others(PromptExecution, user_id))
    # The objects first, since a row without one is found again.
    if gone := large_answers.erase(rows):
        return gone
    keys = list(rows.order_by("pk").values_list("pk", flat=True)[:SOME])
    if keys:
        remove(keys)
    return len(keys)


def _feedback(user_id: UUID) -> int:
    return (
        removed(ExecutionComment.objects.filter(author_id=user_id))
        + removed(ExecutionRating.objects.filter(user_id=user_id))
        + removed(ComparisonVote.objects.filter(user_id=user_id))
        + removed(IdempotencyKey.objects.filter(user_id=user_id))
    )


def _comparisons(user_id: UUID) -> int:
    left = PromptExecution.objects.filter(comparison_id=OuterRef("pk"))
    return removed(Comparison.objects.filter(~Exists(left), user_id=user_id))


def _defaults(user_id: UUID) -> int:
    return removed(PlaygroundDefaults.objects.filter(user_id=user_id))


def _files(user_id: UUID) -> int:
    """Those that nothing needs any more; the file first, since a row without one is found again."""
    some = list(Attachment.objects.unused().filter(user_id=user_id)[:50])
    for row in some:
        if row.storage_name and not is_removed(row.storage_name):
            raise NotYet("The object store does not let a file go.")
        row.delete()
    return len(some)


def _remembered(user_id: UUID) -> int:
    """Cached answers of theirs, and streams of executions that are gone."""
    redis: Any = get_redis_connection("default")
    gone = list(redis.scan_iter(match=keys_of(user_id), count=1000))
    names: dict[UUID, Any] = {}
    for key in redis.scan_iter(match=log.KEYS, count=1000):
        names[log.execution_of(key)] = key
        if len(names) >= SOME:
            gone += _without_row(names)
            names = {}
    gone += _without_row(names)
    for start in range(0, len(gone), SOME):
        redis.unlink(*gone[start : start + SOME])
    return len(gone)


def _usage(user_id: UUID) -> int:
    """What was used stays in the sums, and is nobody's."""
    some = ExecutionUsage.objects.filter(user_id=user_id).values("pk")[:SOME]
    return ExecutionUsage.objects.filter(pk__in=some).update(user_id=None)


def _without_row(names: dict[UUID, Any]) -> list[Any]:
    there = set(PromptExecution.objects.filter(id__in=names).values_list("id", flat=True))
    return [key for identifier, key in names.items() if identifier not in there]
