"""What a sample asks: its variant's body with its case's input, rendered once for all runs of both."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID, uuid5

from evaluation_app.running.material import Material
from evaluation_app.running.store import Claimed
from playground.bodies.resolve import resolve
from playground.engine.ask import Ask
from playground.models import Origin
from providers.parts.shapes import text_of
from templates_app.rendering.placeholders import names_in

RENDERED_AT_ONCE: Final = 256
"""Variants by cases whose rendered prompts are held; work goes case by case."""


def body_of(variant: Mapping[str, Any], input_: Mapping[str, Any]) -> dict[str, Any]:
    """What an execution door would be sent for a variant (`EvaluationVariant.body`) and a case's input."""
    body = dict(variant)
    if input_ or "template_id" in variant:
        body["variables"] = dict(input_)
    return body


def placeholders_of(variant: Mapping[str, Any]) -> set[str]:
    """The names that an own prompt wants filled; messages are sent as they are."""
    return set(names_in(text_of(variant.get("prompt", "")), str(variant.get("system_prompt") or "")))


def execution_id_of(sample_id: UUID, attempt: int) -> UUID:
    """Asked for twice, it is begun once."""
    return uuid5(sample_id, str(attempt))


class Asking:
    """Makes the asks of one test."""

    def __init__(self, material: Material, *, timeout: float) -> None:
        self._material = material
        self._timeout = timeout
        self._rendered: OrderedDict[tuple[UUID, UUID], Ask] = OrderedDict()

    async def ask_of(self, sample: Claimed) -> Ask:
        """What this sample is to ask; raises Problem where its input does not fit."""
        asked = await self._asked(sample.variant_id, sample.case_id)
        return replace(asked, execution_id=execution_id_of(sample.id, sample.attempt))

    async def _asked(self, variant_id: UUID, case_id: UUID) -> Ask:
        key = (variant_id, case_id)
        if (known := self._rendered.get(key)) is not None:
            return known
        material = self._material
        body = body_of(material.variants[variant_id], material.case(case_id).input)
        ask = await resolve(material.user, body, origin=Origin.EVALUATION)
        parameters = {"timeout": self._timeout, **ask.parameters}
        ask = self._rendered[key] = replace(ask, session_id=material.test.session_id, parameters=parameters)
        if len(self._rendered) > RENDERED_AT_ONCE:
            self._rendered.popitem(last=False)
        return ask
