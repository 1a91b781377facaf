"""A model as the picker shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from playground.presentation.words import NOT_KNOWN, number, rate

LOCAL_NOTE = "Small and often wrong: for trying the tool, not for judging answers."


class ModelView:
    """A model as the picker shows it."""

    def __init__(self, model: Mapping[str, Any]) -> None:
        self.id = str(model["id"])
        self.name = str(model.get("name") or self.id)
        self.provider = str(model.get("provider_name") or model.get("provider") or self.id.partition("/")[0])
        self.is_available = bool(model.get("available", True))
        self.unavailable_reason = str(model.get("unavailable_reason") or "")
        self.note = str(model.get("note") or (LOCAL_NOTE if self.id.startswith("local/") else ""))
        self.capabilities = [str(name) for name in model.get("capabilities") or ()]
        self.parameters: Mapping[str, Mapping[str, Any]] = model.get("parameters") or {}
        self.max_output_tokens: int | None = model.get("max_output_tokens")
        self._window: int | None = model.get("context_window")
        self._pricing: Mapping[str, Any] | None = model.get("pricing")

    @property
    def price(self) -> str:
        """Per million tokens, in and out."""
        if not self._pricing or self._pricing.get("input_per_million") is None:
            return NOT_KNOWN
        tokens_in, tokens_out = self._pricing["input_per_million"], self._pricing.get("output_per_million") or 0
        if not tokens_in and not tokens_out:
            return "$0 per 1M tokens"
        return f"{rate(tokens_in)} in, {rate(tokens_out)} out per 1M tokens"

    @property
    def window(self) -> str:
        """How much fits into it."""
        return f"{number(self._window)} tokens context" if self._window else "context not known"


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
