"""A copy of a session with its history, to go on from without touching the other."""

from __future__ import annotations

from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import User
from foundation.problems import FieldError, Problem, invalid
from foundation.words import number
from history.sequence import ascending_ids
from playground.attachments.references import as_uuid
from playground.attachments.uses import note_uses
from playground.engine import lifecycle as executions
from playground.models import Comparison, ComparisonVote, Origin, PromptExecution
from sessions_app import lifecycle
from sessions_app.models import PlaygroundSession

MOST: Final = 5_000
"""Executions that are copied at once."""
BATCH: Final = 200
"""Executions in memory at a time; each text is opened, and sealed anew for its new row."""
COPIED: Final = (
    "user_id", "model_id", "parameters", "notes", "status", "error_code", "error_message", "prompt_tokens",
    "completion_tokens", "estimated_cost", "billing", "execution_time", "created_at", "ended_at", "last_event",
    "template_version_id", "comparison_position",
)  # fmt: skip


@transaction.atomic
def fork(*, user: User, session: PlaygroundSession, up_to: UUID | None) -> PlaygroundSession:
    """A session of `user`'s with copies of the ended executions, `up_to` being the last of them."""
    ended = PromptExecution.objects.filter(session=session).exclude(status__in=("pending", "running"))
    rows = ended.order_by("created_at", "id")
    if up_to is not None:
        last = rows.filter(id=up_to).only("created_at").first()
        if last is None:
            message = "The session has no such execution that has ended."
            raise invalid([FieldError("up_to_execution_id", "unknown", message)])
        rows = rows.filter(Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, id__lte=last.id))
    olds = list(rows.values_list("id", flat=True)[: MOST + 1])
    if len(olds) > MOST:
        raise Problem(422, "too_many", f"Up to {number(MOST)} executions are copied: fork from an earlier one.")
    given = {
        "name": f"{session.name} (fork)"[:255],
        "description": session.description,
        "project_id": session.project_id,
        "purpose": session.purpose,
        "tags": session.tags,
        "metadata": {**session.metadata, "forked_from": str(session.id)},
    }
    made = lifecycle.create(owner=user, given=given)
    ids = dict(zip(olds, ascending_ids(len(olds)), strict=True))
    compared = _copy_comparisons(user, session, made, ids)
    for begin in range(0, len(olds), BATCH):
        _copy_batch(user, rows.filter(id__in=olds[begin : begin + BATCH]), made, ids, compared)
    made.save(update_fields=["execution_count", "total_cost", "last_executed"])
    return made


def _copy_comparisons(
    user: User, session: PlaygroundSession, made: PlaygroundSession, ids: dict[UUID, UUID]
) -> dict[UUID, UUID]:
    """The comparisons of copied executions, with the votes for these; their new ids by the old ones."""
    rows = PromptExecution.objects.filter(session=session, comparison__isnull=False)
    named = {comparison for key, comparison in rows.values_list("id", "comparison_id") if key in ids}
    olds = list(Comparison.objects.filter(id__in=named).order_by("created_at", "id"))
    copies = {
        old.id: Comparison(
            session=made, user=user, created_at=old.created_at, copy_of=old.copy_of or old.id, name=old.name
        )
        for old in olds
    }
    Comparison.objects.bulk_create(copies.values())
    votes = ComparisonVote.objects.filter(comparison__in=olds)
    ComparisonVote.objects.bulk_create(
        ComparisonVote(
            comparison=copies[vote.comparison_id],
            user_id=vote.user_id,
            execution_id=ids.get(vote.execution_id) if vote.execution_id else None,
            voted_at=vote.voted_at,
        )
        for vote in votes
        if vote.execution_id is None or vote.execution_id in ids
    )
    return {old: copy.id for old, copy in copies.items()}


def _copy_batch(
    user: User,
    rows: QuerySet[PromptExecution],
    made: PlaygroundSession,
    ids: dict[UUID, UUID],
    compared: dict[UUID, UUID],
) -> None:
    """Copies these into the session `made`, and counts them in its columns."""
    copies = [_copy(row, ids, compared) for row in rows]
    for copy in copies:
        copy.session = made
    PromptExecution.objects.bulk_create(copies)
    executions.keep([copy.id for copy in copies])
    note_uses(copies, of=user)
    made.execution_count += len(copies)
    made.total_cost += sum((copy.estimated_cost for copy in copies if copy.origin != Origin.TRACE), Decimal(0))
    ends = [copy.ended_at for copy in copies if copy.ended_at]
    made.last_executed = max([*ends, *([made.last_executed] if made.last_executed else [])], default=None)


def _copy(row: PromptExecution, ids: dict[UUID, UUID], compared: dict[UUID, UUID]) -> PromptExecution:
    made = PromptExecution(id=ids[row.id], **{name: getattr(row, name) for name in COPIED})
    if row.origin == Origin.TRACE:
        made.origin = Origin.TRACE
    made.parent_id = ids.get(row.parent_id) if row.parent_id else None
    made.comparison_id = compared.get(row.comparison_id) if row.comparison_id else None
    made.request, made.answer = row.request, row.answer
    made.metadata = {**row.metadata, "forked_from": str(row.id)}
    # One that was copied too is meant there; another one stays where it is.
    if (replayed := as_uuid(row.metadata.get("replay_of"))) in ids:
        made.metadata["replay_of"] = str(ids[replayed])
    return made
