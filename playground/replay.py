"""An execution once more, with something changed or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from accounts.models import User
from foundation.database.threads import in_database_thread
from foundation.problems import not_found
from playground.engine.ask import Ask
from playground.models import PromptExecution
from playground.rewording import reworded
from sessions_app.models import PlaygroundSession

CARRIED: Final = ("prompt", "messages", "system_prompt", "context", "tools")
"""What a run is repeated with."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """What is run again, and the body that does it (not checked yet: its changes came from a door)."""

    user: User
    old: PromptExecution
    may_run_there: bool
    changes: Mapping[str, Any]

    @property
    def claimed(self) -> dict[str, Any]:
        """What an idempotency key stands for."""
        return {"replay_of": str(self.old.id), **self.changes}

    @property
    def body(self) -> dict[str, Any]:
        """In its own session where the user may run in it, else in their default one."""
        session = {"session_id": str(self.old.session_id)} if self.may_run_there else {}
        return {**reworded(body_of(self.old), self.changes), **session}


async def repeat_of(*, user: User, execution_id: UUID, changes: Mapping[str, Any]) -> Repeat:
    """The execution once more, with `changes` (model_id, parameters, prompt, system_prompt); 404 for strangers."""
    old, may_run_there = await in_database_thread(_find, user, execution_id)
    return Repeat(user, old, may_run_there, changes)


def ask_of(repeat: Repeat, ask: Ask) -> Ask:
    """What its checked body asks for, as the repetition that it is.

    It takes the place of the old one in a conversation, and counts for the same version of a template unless its
    text was changed.
    """
    old, changes = repeat.old, repeat.changes
    ask = replace(
        ask,
        parent_id=old.parent_id if repeat.may_run_there else None,
        facts={"replay_of": str(old.id)},
    )
    if "thread" in old.request:
        ask = replace(ask, request={**ask.request, "thread": old.request["thread"]})
    if not {"prompt", "system_prompt"} & changes.keys():
        made_of = {name: old.request[name] for name in ("template", "variables") if name in old.request}
        ask = replace(ask, request={**ask.request, **made_of}, template_version_id=old.template_version_id)
    return ask


def body_of(execution: PromptExecution) -> dict[str, Any]:
    """The body that repeats this run, its session aside."""
    request = execution.request or {}
    body = {name: request[name] for name in CARRIED if request.get(name)}
    if request.get("parts"):
        body["prompt"] = request["parts"]
    return {**body, "model_id": execution.model_id, "parameters": dict(execution.parameters or {})}


def _find(user: User, execution_id: UUID) -> tuple[PromptExecution, bool]:
    found = PromptExecution.objects.visible_to(user).filter(id=execution_id).first()
    if found is None:
        raise not_found("The execution")
    return found, PlaygroundSession.objects.editable_by(user).filter(id=found.session_id).exists()
