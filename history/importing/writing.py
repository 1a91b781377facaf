"""A planned import becomes rows, all or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from history.importing import feedback
from history.importing.files import renamed, taken_in
from history.importing.planning import Plan, Planned
from history.importing.remembering import remember
from playground.attachments.uses import note_uses
from playground.bodies.parts import taken_apart
from playground.engine import lifecycle as executions
from playground.models import Comparison, PromptExecution, split_metadata
from sessions_app import lifecycle
from sessions_app.models import PlaygroundSession

BATCH: Final = 200
ASKED: Final = ("prompt", "system_prompt", "messages", "context", "tools", "variables")
ANSWERED: Final = ("response", "reasoning", "tool_executions", "provider_tools")
READ_IN_SQL: Final = ("time_to_first_token", "price_known")
"""Metadata that is a number and a truth (`rules.NOTES`)."""


def write(user: User, plan: Plan, *, told: Callable[[int], None] = lambda rows: None) -> PlaygroundSession:
    """The new session of `user`, its executions, comparisons and files. Raises Problem (429, 503) for the files.

    Those come first: what a storage does not take leaves no session, and what no session names goes after a day.
    """
    return _write(user, plan, taken_in(plan.files, plan.given, user=user), told)


@transaction.atomic
def _write(user: User, plan: Plan, files: Mapping[UUID, UUID], told: Callable[[int], None]) -> PlaygroundSession:
    session = _session(user, plan)
    Comparison.objects.bulk_create(
        Comparison(
            id=each.id,
            session=session,
            user=user,
            copy_of=each.copy_of,
            created_at=each.created_at,
            name=each.name or None,
        )
        for each in plan.comparisons
    )
    for begin in range(0, len(plan.executions), BATCH):
        batch = plan.executions[begin : begin + BATCH]
        made = [PromptExecution(session=session, user=user, **_columns(each, files)) for each in batch]
        PromptExecution.objects.bulk_create(made)
        executions.keep([each.id for each in made])
        note_uses(made, of=user)
        told(len(made))
    feedback.write(user, plan.executions, plan.comparisons)
    remember(user=user, session=session, origin=plan.origin, fingerprint=plan.fingerprint)
    return session


def _session(user: User, plan: Plan) -> PlaygroundSession:
    given = plan.session
    metadata, now = dict(given["metadata"]), timezone.now()
    if "id" in given:
        metadata["imported_from"] = str(given["id"])
    columns = {name: given[name] for name in ("name", "description", "project_id", "purpose", "tags")}
    columns |= {
        "metadata": metadata,
        "execution_count": len(plan.executions),
        "total_cost": plan.total_cost,
        "last_executed": plan.last_executed,
        "created_at": given.get("created_at") or now,
        "archived_at": (given.get("archived_at") or now) if given["archived"] else None,
    }
    return lifecycle.create(owner=user, given=columns)


def _columns(planned: Planned, files: Mapping[UUID, UUID]) -> dict[str, Any]:
    given, links = planned.given, planned.links
    error = given.get("error") or {"code": "", "message": ""}
    time = given.get("execution_time")
    return {
        "id": planned.id,
        "model_id": given["model_id"],
        "request": renamed(_request(planned), files),
        "answer": {name: given[name] for name in ANSWERED if given.get(name)},
        "parameters": given.get("parameters", {}),
        "status": given["status"],
        "error_code": error["code"],
        "error_message": error["message"],
        "prompt_tokens": given["usage"]["prompt_tokens"],
        "completion_tokens": given["usage"]["completion_tokens"],
        "estimated_cost": planned.cost,
        "billing": planned.billing,
        "execution_time": None if time is None else Decimal(str(round(time, 3))),
        **_metadata(planned),
        "created_at": given["timestamp"],
        "ended_at": planned.ended_at,
        "parent_id": links.parent_id,
        "template_version_id": links.template_version_id,
        "comparison_id": links.comparison_id,
        "comparison_position": given.get("comparison_position") if links.comparison_id else None,
    }


def _request(planned: Planned) -> dict[str, Any]:
    given = planned.given
    request = taken_apart({name: given[name] for name in ASKED if given.get(name)})
    if planned.links.template_version_id:
        template = given["template"]
        partials = [{"id": str(each["id"]), "version": each["version"]} for each in template.get("partials", ())]
        request["template"] = {
            "id": str(template["id"]),
            "version": template["version"],
            **({"partials": partials} if partials else {}),
        }
    return request


def _metadata(planned: Planned) -> dict[str, Any]:
    """What figures and filters read in SQL stands in clear; what a file says beside it is its author's."""
    given = {name: value for name, value in planned.given.get("metadata", {}).items() if name != "replay_of"}
    plain, notes = split_metadata(given)
    plain |= {name: notes.pop(name) for name in READ_IN_SQL if name in notes}
    if planned.links.replay_of:
        plain["replay_of"] = planned.links.replay_of
    # Its id where the file has one; that it is there says that it was not run here.
    plain["imported_from"] = str(planned.given["id"]) if "id" in planned.given else None
    return {"metadata": plain, "notes": notes}
