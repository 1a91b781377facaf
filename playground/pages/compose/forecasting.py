"""What the form comes to, counted from the very messages that its run would send."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from rest_framework.exceptions import ValidationError

from accounts.models import User
from foundation.problems import Problem
from playground.attachments.references import looked_up
from playground.bodies.execution import check
from playground.bodies.parts import taken_apart
from playground.bodies.resolve import resolve
from playground.engine.ask import Ask
from playground.engine.reservation import most_of_output
from playground.models import Origin
from playground.pages.compose import forms
from playground.pages.compose.forms import Compose
from playground.pages.presentation.forecast import forecast
from playground.pages.presentation.model import ModelView
from providers.base import Message
from providers.catalogue.info import ModelInfo
from providers.parts import counting, shapes
from templates_app.content import Content


async def told(user: User, compose: Compose, content: Content | None, model: ModelView | None, info: ModelInfo) -> str:
    """Tokens and cost of the run that this form would start; nothing while it is empty.

    `content` is that of the template in the form; `info` what is known of the model. What the run would be refused
    for is told when it is refused: until then the texts are counted as they stand.
    """
    if not (compose.prompt or compose.system_prompt or compose.attachments or (content and content.messages)):
        return ""
    try:
        ask = await resolve(user, check(forms.body_from(compose, content)), origin=Origin.PERSON)
        request = await looked_up(user, ask.request)
        longest = str(most_of_output(info, ask.parameters))
    except (Problem, ValidationError):
        ask = _as_it_stands(user, compose)
        request, longest = await _found(user, ask.request), compose.parameters.get("max_tokens", "")
    messages = Ask(user, Origin.PERSON, ask.model_id, request).messages()
    parts = [part for part in counting.parts_of(messages) if _is_counted(part)]
    return forecast(model, texts=_texts(messages, request, ask.parameters), max_tokens=longest, parts=parts, info=info)


def _as_it_stands(user: User, compose: Compose) -> Ask:
    files = [part for part in compose.attachments if not shapes.faults_of([part])]
    said = {"prompt": compose.prompt, "system_prompt": compose.system_prompt, "attachments": files}
    return Ask(user, Origin.PERSON, compose.model_id, taken_apart(said))


async def _found(user: User, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """The request with what is known of its parts; without those of which one cannot be told."""
    try:
        return await looked_up(user, request)
    except Problem:
        return {name: value for name, value in request.items() if name != "parts"}


def _is_counted(part: Mapping[str, Any]) -> bool:
    # Of a file nothing is known but what was looked up; pictures are counted in any case.
    return part.get("type") != "file" or bool(part.get("facts")) or "url" in part


def _texts(messages: list[Message], request: Mapping[str, Any], parameters: Mapping[str, Any]) -> Iterator[str]:
    for message in messages:
        content = message.get("content") or ""
        yield from [content] if isinstance(content, str) else (part.get("text", "") for part in content)
    for told_beside in (request.get("tools"), parameters.get("response_format")):
        if told_beside:
            yield orjson.dumps(told_beside).decode()
