"""How long executions and files are kept, and how holds find them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from foundation.sealing.files.sweeping import is_removed
from playground.attachments.sweeping import tidy
from playground.models import Attachment, Comparison, LargeAnswer, PromptExecution, Status
from privacy.holds import held, reaches
from privacy.keeping import ByItsClock, NoContent, OfKind, UntilRemoved, With, decide
from privacy.models import Covers
from privacy.retention.kinds import Ids, Kind, register
from sessions_app.models import PlaygroundSession

EXECUTIONS = "executions"


def declare() -> None:
    """To be called when the app is ready."""
    register(
        Kind(
            EXECUTIONS,
            "Executions",
            days=lambda: int(settings.ENV.retention_executions_days),
            rows=_of_people,
            moment="created_at",
            remove=remove,
            files=lambda now: tidy(now=now),
        )
    )
    decide(OfKind(EXECUTIONS), "prompt_executions")
    with_them = (
        "execution_comments",
        "execution_ratings",
        "attachment_uses",
        "comparisons",
        "comparison_votes",
        "large_answers",
    )
    decide(With("prompt_executions"), *with_them)
    decide(With("template_versions"), "attachments_in_versions")
    decide(ByItsClock("24 hours"), "idempotency_keys")
    decide(ByItsClock("when nothing needs them any more, at the earliest when an upload expires"), "attachments")
    decide(NoContent("processes that run executions"), "runner_leases")
    decide(NoContent("what was used: figures and ids, nobody's once a person is erased"), "execution_usage")
    decide(UntilRemoved("what a person's new prompts begin with"), "playground_defaults")
    decide(NoContent("settings of the installation"), "http_tools", "mcp_servers")
    _reach()


def _reach() -> None:
    reaches(PromptExecution, Covers.USER, "user_id", "session__user_id")
    reaches(PromptExecution, Covers.SESSION, "session_id")
    reaches(PromptExecution, Covers.PROJECT, "session__project_id")
    reaches(PromptExecution, Covers.TEMPLATE, "template_version__template_id")
    reaches(PromptExecution, Covers.ORGANISATION, "user__organisation", "session__user__organisation")
    reaches(Attachment, Covers.USER, "user_id")
    reaches(Attachment, Covers.ORGANISATION, "user__organisation")
    for covers in (Covers.USER, Covers.TEMPLATE, Covers.ORGANISATION):
        reaches(PlaygroundSession, covers, _with_held_executions(covers))


def _with_held_executions(covers: Covers) -> Any:
    """Sessions in which a held execution lies: they stay, for it would go with them."""

    def found(ids: list[Any]) -> Q:
        rows = PromptExecution.objects.filter(held(PromptExecution, sort=covers))
        return Q(id__in=rows.order_by().values("session_id"))

    return found


def _of_people() -> QuerySet[Any]:
    """Those in sessions that people see. Those of tests lie in hidden ones, and go with their test."""
    finals = [status for status in Status if status.is_final]
    return PromptExecution.objects.filter(status__in=finals, session__is_hidden=False)


def remove(ids: Ids) -> None:
    """Removes executions with what hangs on them, and comparisons of which they were the last."""
    objects = list(LargeAnswer.objects.filter(pk__in=ids).values_list("storage_name", flat=True))
    compared = PromptExecution.objects.filter(pk__in=ids, comparison__isnull=False).order_by()
    comparisons = list(compared.values_list("comparison_id", flat=True).distinct())
    PromptExecution.objects.filter(pk__in=ids).only("pk").delete()
    if comparisons:
        left = PromptExecution.objects.filter(comparison_id=OuterRef("pk"))
        Comparison.objects.filter(~Exists(left), id__in=comparisons).delete()
    # What the storage does not let go is a stray from now on; where it is away, the first of them tells.
    transaction.on_commit(lambda: all(is_removed(name) for name in objects))
