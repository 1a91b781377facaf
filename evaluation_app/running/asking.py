"""What a sample asks: its variant's body with its case's input, rendered once for all runs of both."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID, uuid5

from accounts.models import User
from evaluation_app.running.material import Material
from evaluation_app.running.store import Claimed
from foundation.problems import FieldError, Problem
from playground.bodies.resolve import resolve
from playground.engine.ask import Ask
from playground.models import Origin
from providers.parts.shapes import text_of
from templates_app.content import Content, Variable
from templates_app.rendering.placeholders import names_in, placeholders
from templates_app.rendering.render import render_soon
from templates_app.variables.validation import type_of

PATIENCE: Final = 60.0
"""Seconds, four rests of a breaker: a test of thousands must not end at once because its provider was away for one."""
RENDERED_AT_ONCE: Final = 256
"""Variants by cases whose rendered prompts are held; work goes case by case."""


def body_of(variant: Mapping[str, Any], input_: Mapping[str, Any]) -> dict[str, Any]:
    """What an execution door would be sent for a variant (`EvaluationVariant.body`) and a case's input."""
    body = dict(variant)
    if input_ or "template_id" in variant:
        body["variables"] = dict(input_)
    return body


def placeholders_of(variant: Mapping[str, Any]) -> set[str]:
    """The names that a variant of its own prompt or messages wants filled."""
    said = [text_of(message.get("content")) for message in variant.get("messages", ())]
    return set(names_in(text_of(variant.get("prompt", "")), str(variant.get("system_prompt") or ""), *said))


async def resolved(user: User, variant: Mapping[str, Any], input_: Mapping[str, Any]) -> Ask:
    """What a variant asks of a case; raises Problem where the case's input does not fit."""
    body = body_of(variant, input_)
    if "variables" in body and "template_id" not in body:
        body |= await _said(body)
    return await resolve(user, body, origin=Origin.EVALUATION)


async def _said(body: Mapping[str, Any]) -> dict[str, Any]:
    """The texts that an execution door sends as they are, and a test fills: messages, and what stands above them."""
    values, made = body["variables"], dict[str, Any]()
    if "prompt" not in body and body.get("system_prompt"):
        made["system_prompt"] = await _filled(body["system_prompt"], values, "system_prompt")
    if "messages" in body:
        made["messages"] = [
            {**message, "content": await _content(message["content"], values, f"messages.{place}.content")}
            if message.get("content")
            else message
            for place, message in enumerate(body["messages"])
        ]
    return made


async def _content(content: Any, values: Mapping[str, Any], field: str) -> Any:
    if isinstance(content, str):
        return await _filled(content, values, field)
    return [
        {**part, "text": await _filled(part["text"], values, f"{field}.{place}.text")}
        if part.get("type") == "text"
        else part
        for place, part in enumerate(content)
    ]


async def _filled(text: str, values: Mapping[str, Any], field: str) -> str:
    if not any(placeholders(text)):
        return text
    used = {name: values[name] for name in names_in(text) if name in values}
    declared = tuple(Variable(name, type_of(value)) for name, value in used.items())
    try:
        return (await render_soon(Content(prompt=text, variables=declared), used)).prompt
    except Problem as problem:
        errors = [FieldError(**error) for error in problem.errors]
        # The renderer's word for its text is "prompt", and this one stands elsewhere.
        moved = [error._replace(field=field) if error.field == "prompt" else error for error in errors]
        raise Problem(problem.status, problem.code, problem.detail, errors=moved) from None


def execution_id_of(sample_id: UUID, attempt: int) -> UUID:
    """Asked for twice, it is begun once."""
    return uuid5(sample_id, str(attempt))


class Asking:
    """Makes the asks of one test."""

    def __init__(self, material: Material, *, timeout: float) -> None:
        self._material = material
        self._timeout = timeout
        self._rendered: OrderedDict[tuple[UUID, UUID], Ask] = OrderedDict()

    async def ask_of(self, sample: Claimed, *, is_patient: bool = False) -> Ask:
        """What this sample is to ask; raises Problem where its input does not fit."""
        asked = await self._asked(sample.variant_id, sample.case_id)
        patience = PATIENCE if is_patient else 0.0
        return replace(asked, execution_id=execution_id_of(sample.id, sample.attempt), patience=patience)

    def unfilled(self, sample: Claimed, model_id: str) -> Ask:
        """What can be told of a question that cannot be made again: its texts as they stand before their variables are
        filled in, these beside them, its template by name; no files. For an answer that came, and asks no more.
        """
        material = self._material
        variant, input_ = material.variants[sample.variant_id], material.case(sample.case_id).input
        request: dict[str, Any] = {"prompt": text_of(variant.get("prompt", "")), "variables": dict(input_)}
        if system_prompt := variant.get("system_prompt"):
            request["system_prompt"] = system_prompt
        if messages := variant.get("messages"):
            request["messages"] = [
                {**each, "content": text_of(each["content"])} if each.get("content") else each for each in messages
            ]
        if "template_id" in variant:
            request["template"] = {"id": str(variant["template_id"]), "version": variant.get("version")}
        return Ask(
            material.user,
            Origin.EVALUATION,
            model_id,
            request,
            parameters=dict(variant.get("parameters", {})),
            facts={"is_unfilled": True},
            session_id=material.test.session_id,
            execution_id=execution_id_of(sample.id, sample.attempt),
            token_id=material.test.token_id,
        )

    async def _asked(self, variant_id: UUID, case_id: UUID) -> Ask:
        key = (variant_id, case_id)
        if (known := self._rendered.get(key)) is not None:
            return known
        material = self._material
        ask = await resolved(material.user, material.variants[variant_id], material.case(case_id).input)
        parameters = {"timeout": self._timeout, **ask.parameters}
        test = material.test
        ask = replace(ask, session_id=test.session_id, token_id=test.token_id, parameters=parameters)
        self._rendered[key] = ask
        if len(self._rendered) > RENDERED_AT_ONCE:
            self._rendered.popitem(last=False)
        return ask
