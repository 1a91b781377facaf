"""An execution once more, with something changed or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from accounts.models import User
from foundation.database_threads import in_database_thread
from foundation.problems import not_found
from playground.engine.start import Started, begin, check, claim_of, prepare
from playground.models import PromptExecution
from sessions_app.models import PlaygroundSession

CARRIED: Final = ("prompt", "messages", "system_prompt", "context", "tools")
"""What a run is repeated with."""


async def replay(
    *, user: User, execution_id: UUID, changes: Mapping[str, Any], idempotency_key: str | None = None
) -> Started:
    """Begins the execution again, in its session where `user` may run in it, else in their default one.

    `changes`: model_id, parameters, prompt, system_prompt. It takes the place of the old one in a conversation,
    and counts for the same version of a template unless its text was changed.
    """
    old, may_run_there = await in_database_thread(_find, user, execution_id)
    body = {**body_of(old), **changes}
    if may_run_there:
        body["session_id"] = str(old.session_id)
    claim = claim_of(user, idempotency_key, {"replay_of": str(old.id), **changes}, route="replay")
    prepared = await prepare(
        user=user,
        checked=check(body),
        parent_id=old.parent_id if may_run_there else None,
        metadata={"replay_of": str(old.id)},
    )
    if not {"prompt", "system_prompt"} & changes.keys():
        told = {name: old.request[name] for name in ("template", "variables") if name in old.request}
        prepared.record.request = {**prepared.record.request, **told}
        prepared.record.template_version_id = old.template_version_id
    return await begin(prepared, claim=claim)


def body_of(execution: PromptExecution) -> dict[str, Any]:
    """The body that repeats this run, its session aside."""
    request = execution.request or {}
    body = {name: request[name] for name in CARRIED if request.get(name)}
    return {**body, "model_id": execution.model_id, "parameters": dict(execution.parameters or {})}


def _find(user: User, execution_id: UUID) -> tuple[PromptExecution, bool]:
    found = PromptExecution.objects.visible_to(user).filter(id=execution_id).first()
    if found is None:
        raise not_found("The execution")
    return found, PlaygroundSession.objects.editable_by(user).filter(id=found.session_id).exists()
