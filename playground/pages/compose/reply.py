"""The composer beneath a conversation: what its form says, and the run that it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest

from accounts.models import User
from foundation import json_values
from foundation.problems import FieldError, invalid, not_found
from playground import conversing
from playground.bodies.execution import check
from playground.bodies.resolve import parent_of
from playground.conversing import Continuation
from playground.pages.compose import files, forms
from playground.pages.compose.forms import Compose

FIELDS: Final = ("reply", "written", "edited_answer")
"""Its places that can show a refusal."""
OWN: Final = ("written", "edited_answer", "left_out", "messages", "parent_id")
"""Fields of a refusal that only this form has."""
_PLACES: Final = {"prompt": "reply", "messages": "reply", "parent_id": "reply", "left_out": "reply"}


@dataclass(frozen=True, slots=True)
class Reply:
    """The form as it was sent; `body` is checked."""

    body: Mapping[str, Any]
    continuation: Continuation
    claimed: Mapping[str, Any]
    """What an idempotency key stands for."""


def is_reply(data: Mapping[str, Any]) -> bool:
    """Whether it is this form that was sent."""
    return "reply_to" in data


def read(request: HttpRequest, user: User) -> Reply:
    """The next turn with what goes along; raises Problem and ValidationError.

    Model, parameters and system prompt are those of the form beside it; alone, without a script, those of the turn
    that it follows.
    """
    data = request.POST
    try:
        parent_id = UUID(data["reply_to"])
    except ValueError as error:
        raise not_found("The execution of reply_to") from error
    written = _written(data.get("written_prompt", ""), data.get("written_answer", ""))
    left_out = set(data.getlist("left_out"))
    if in_its_place := _edited_answer(data.get(f"edited_answer.{parent_id}"), user, parent_id):
        left_out.add(str(parent_id))
        written = [*in_its_place, *written]
    found = conversing.continuation(user=user, parent_id=parent_id, left_out=sorted(left_out), written=written)
    compose = _compose(data.dict(), found)
    files.keep(request, user, compose)
    if not compose.prompt.strip() and not compose.attachments:
        raise invalid([FieldError("prompt", "required", "There is no prompt: write the next turn.")])
    body = forms.body_from(compose)
    json_values.check(body)
    claimed = {**body, "reply_to": str(parent_id), "left_out": sorted(left_out), "written": written}
    return Reply(check({**body, **found.body}), found, claimed)


def _compose(data: dict[str, str], found: Continuation) -> Compose:
    beside = forms.from_post(data) if data.get("model_id") else forms.from_execution(found.parent)
    return replace(
        beside,
        prompt=data.get("reply", "").replace("\r\n", "\n"),
        attachments=[],
        parent_id="",
        session_id="",
        template_id="",
        template_version="",
        rows=[],
    )


def _written(prompt: str, answer: str) -> list[dict[str, Any]]:
    """A turn that was written by hand, both sides of it; none where nothing was written."""
    prompt, answer = prompt.replace("\r\n", "\n").strip(), answer.replace("\r\n", "\n").strip()
    if not prompt and not answer:
        return []
    if not prompt or not answer:
        message = "A turn has two sides: write what is asked and what is answered."
        raise invalid([FieldError("written", "required", message)])
    return [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]


def _edited_answer(text: str | None, user: User, parent_id: UUID) -> list[dict[str, Any]]:
    """The turn before with the answer that its reader would have; none where that is the model's own."""
    if text is None:
        return []
    parent = parent_of(user, parent_id)
    answer = text.replace("\r\n", "\n").strip()
    if answer == str((parent.answer or {}).get("response") or "").replace("\r\n", "\n").strip():
        return []
    if not answer:
        message = "The answer as you would have it is empty: write it, or leave the model's."
        raise invalid([FieldError("edited_answer", "required", message)])
    return conversing.with_answer(parent, answer)


def errors_of(errors: Mapping[str, str]) -> dict[str, str]:
    """A refusal's messages by the fields of the page, where they are about this form."""
    found: dict[str, str] = {}
    for field, message in errors.items():
        place = _PLACES.get(field, field)
        found[place] = f"{found[place]} {message}" if place in found else message
    return found
