"""A model as the picker shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

import orjson

from foundation.words import NO_COST, NOT_KNOWN, number
from playground.pages.presentation.words import RUNS_HERE, rate

GONE: Mapping[str, Any] = {"available": False, "unavailable_reason": "Its provider is not there any more."}
"""What is said of a model that is named somewhere and belongs to no provider."""


class ModelView:
    """A model as the picker shows it."""

    def __init__(self, model: Mapping[str, Any]) -> None:
        self.id = str(model["id"])
        self.name = str(model.get("name") or self.id)
        self.provider = str(model.get("provider_name") or model.get("provider") or self.id.partition("/")[0])
        self.provider_slug = self.id.partition("/")[0]
        self.is_available = bool(model.get("available", True))
        self.unavailable_reason = str(model.get("unavailable_reason") or "")
        self.note = str(model.get("note") or "")
        self.retires_on = model.get("retires_on")
        self.replacement = str(model.get("replacement") or "")
        self.is_self_hosted = bool(model.get("is_self_hosted"))
        self.capabilities = [str(name) for name in model.get("capabilities") or ()]
        self.parameters: Mapping[str, Mapping[str, Any]] = model.get("parameters") or {}
        self.refused_parts: Mapping[str, str] = model.get("refused_parts") or {}
        """Why it is not sent them, by the kind of part (providers.parts.taking.Kind)."""
        self.refused_beside: Sequence[Mapping[str, Any]] = model.get("refused_beside") or ()
        """What it does not take side by side (providers.line.fitting.Beside)."""
        self.is_listed = bool(model.get("is_listed", True))
        self.max_output_tokens: int | None = model.get("max_output_tokens")
        self.context_window: int | None = model.get("context_window")
        pricing: Mapping[str, Any] = model.get("pricing") or {}
        self.input_price = _decimal(pricing.get("input_per_million"))
        self.output_price = _decimal(pricing.get("output_per_million"))
        """USD per million tokens; None where nobody told."""
        self.estimate = ""
        """What a certain run of it would cost, where it is offered for that."""

    @property
    def longest_answer(self) -> int | None:
        """Tokens that it can write; None where nobody tells."""
        return self.max_output_tokens or self.parameters.get("max_tokens", {}).get("max")

    @property
    def has_price(self) -> bool:
        """Whether both prices are known."""
        return self.input_price is not None and self.output_price is not None

    @property
    def price(self) -> str:
        """Per million tokens, in and out."""
        if self.input_price is None or self.output_price is None:
            return NOT_KNOWN
        if self.is_free:
            return RUNS_HERE if self.is_self_hosted else NO_COST
        return f"{rate(self.input_price)} in, {rate(self.output_price)} out per 1M tokens"

    @property
    def is_free(self) -> bool:
        """Whether it is known to cost nothing."""
        return self.input_price == self.output_price == 0

    @property
    def refuses(self) -> str:
        """Why it is not sent parts, by their kind, as the page's scripts read it."""
        return orjson.dumps(self.refused_parts).decode()

    @property
    def beside(self) -> str:
        """What it does not take side by side, as the page's scripts read it."""
        return orjson.dumps(list(self.refused_beside)).decode()

    @property
    def window(self) -> str:
        """How much fits into it."""
        return f"{number(self.context_window)} tokens context" if self.context_window else "context not known"


@dataclass(frozen=True)
class ModelGroup:
    """The models of one provider."""

    provider: str
    models: Sequence[ModelView]


def grouped(models: Iterable[ModelView]) -> list[ModelGroup]:
    """By provider; the ones that can be used first."""
    ordered = sorted(models, key=lambda model: (model.provider, not model.is_available, model.name.lower()))
    groups = [ModelGroup(name, list(found)) for name, found in groupby(ordered, key=lambda model: model.provider)]
    return sorted(groups, key=lambda group: not any(model.is_available for model in group.models))


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))
