"""What the form comes to, counted from the very messages that its run would send."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from rest_framework.exceptions import ValidationError

from accounts.models import User
from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from playground.attachments.references import as_uuid, looked_up
from playground.bodies.execution import check
from playground.bodies.parts import taken_apart
from playground.bodies.resolve import resolve, turns_up_to
from playground.engine.ask import Ask
from playground.models import Origin, PromptExecution
from playground.pages.compose import forms
from playground.pages.compose.forms import Compose
from playground.pages.presentation.forecast import ForecastView
from playground.pages.presentation.model import ModelView
from playground.tools import registry
from playground.usage.answers import usual_answer
from playground.usage.forecast import Forecast, forecast_of, together
from providers.base import Message
from providers.catalogue.info import ModelInfo
from providers.parts import shapes
from providers.tokenizing.input_tokens import Input
from templates_app.content import Content
from templates_app.rendering.placeholders import filled_in

logger = logging.getLogger(__name__)

COUNT: Final = re.compile(r"[1-9][0-9]{0,6}")
ROWS_LOOKED_AT: Final = 10
"""Of several rows so many are rendered as their runs would be; the others are filled in without their rules."""


async def told(
    user: User,
    compose: Compose,
    content: Content | None,
    model: ModelView | None,
    info: ModelInfo,
    *,
    is_rough: bool = False,
) -> ForecastView:
    """Tokens and cost of the runs that this form would start, and of its repetition; nothing while it is empty.

    `content` is that of the template in the form; `info` what is known of the model. Where it is rough no tokenizer
    is waited for.
    """
    times = int(compose.times) if compose.times.isdecimal() and len(compose.times) < 3 else None
    found = await forecast_of_form(user, compose, content, info, is_rough=is_rough)
    return ForecastView(found, model, runs=max(1, len(compose.rows)), times=times)


async def told_together(
    user: User, columns: Sequence[tuple[Compose, Content | None, ModelView | None, ModelInfo]]
) -> ForecastView:
    """The same of several forms that start at once, each with its own model."""
    every = [await forecast_of_form(user, compose, content, info) for compose, content, _, info in columns]
    found = [each for each in every if each is not None]
    models = [model for _, _, model, _ in columns]
    return ForecastView(together(found) if found else None, *models, runs=max(1, len(found)))


async def forecast_of_form(
    user: User, compose: Compose, content: Content | None, info: ModelInfo, *, is_rough: bool = False
) -> Forecast | None:
    """What the form's run, or the runs of its rows, will come to; None where there is nothing to send.

    What a run would be refused for is told when it is refused: until then the texts are counted as they stand, with
    the values filled in.
    """
    if not (compose.prompt or compose.system_prompt or compose.attachments or (content and content.messages)):
        return None
    usual = await in_database_thread(usual_answer, user, compose.model_id)
    rows = [replace(compose, rows=[], variables=values) for values in compose.rows or [compose.variables]]
    asks, inputs = await as_asked(user, rows, content, is_rough=is_rough)
    return together(
        [
            await in_database_thread(forecast_of, info, given, ask.parameters, usual_answer=usual)
            for ask, given in zip(asks, inputs, strict=True)
        ]
    )


async def as_asked(
    user: User, rows: Sequence[Compose], content: Content | None, *, is_rough: bool = False
) -> tuple[list[Ask], list[Input]]:
    """What each of these forms asks for, with its input to be counted."""
    asks, inputs = list[Ask](), list[Input]()
    for at, row in enumerate(rows):
        ask, request = await _asked(user, row, content, is_rendered=at < ROWS_LOOKED_AT)
        ask = replace(ask, request=request)
        asks.append(ask)
        inputs.append(
            Input(
                _counted(ask.messages()),
                tools=await registry.defined(request.get("tools", ())),
                schema=ask.parameters.get("response_format"),
                has_neighbour=False,
                is_rough=is_rough,
            )
        )
    return asks, inputs


async def _asked(
    user: User, compose: Compose, content: Content | None, *, is_rendered: bool
) -> tuple[Ask, Mapping[str, Any]]:
    try:
        if is_rendered:
            ask = await resolve(user, check(forms.body_from(compose, content)), origin=Origin.PERSON)
            return ask, await looked_up(user, ask.request)
    except (Problem, ValidationError):
        logger.debug("The form would be refused as it stands; its texts are counted.", exc_info=True)
    ask = await _as_it_stands(user, compose)
    return ask, await _found(user, ask.request)


async def _as_it_stands(user: User, compose: Compose) -> Ask:
    """What would be sent as far as it can be told: variables in the places of their names, earlier turns in front."""
    texts = {name: filled_in(getattr(compose, name), compose.variables) for name in ("prompt", "system_prompt")}
    files = [part for part in compose.attachments if not shapes.faults_of([part])]
    request = taken_apart({**texts, "attachments": files})
    request["messages"] = await in_database_thread(_earlier, user, compose.parent_id)
    request["tools"] = [{"name": name, "registered": True} for name in compose.tools]
    parameters: dict[str, Any] = {}
    if COUNT.fullmatch(limit := compose.parameters.get("max_tokens", "")):
        parameters["max_tokens"] = int(limit)
    return Ask(user, Origin.PERSON, compose.model_id, request, parameters)


def _earlier(user: User, parent_id: str) -> list[dict[str, Any]]:
    if (wanted := as_uuid(parent_id)) is None:
        return []
    parent = PromptExecution.objects.visible_to(user).filter(id=wanted).first()
    return turns_up_to(parent) if parent else []


async def _found(user: User, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """The request with what is known of its parts; without those of which one cannot be told."""
    try:
        return await looked_up(user, request)
    except Problem:
        return {name: value for name, value in request.items() if name != "parts"}


def _counted(messages: list[Message]) -> list[Message]:
    """Without files of which nothing is known but that they are there; pictures are counted in any case."""
    return [
        {**message, "content": [part for part in message["content"] if _is_counted(part)]}
        if isinstance(message.get("content"), list)
        else message
        for message in messages
    ]


def _is_counted(part: Mapping[str, Any]) -> bool:
    return part.get("type") != "file" or bool(part.get("facts")) or "url" in part
