"""A provider as its page shows it: how it does, what it takes, and its models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from foundation.presentation.words import NOTHING
from foundation.words import age, counted, number, seconds
from playground.pages.presentation.model import ModelView
from providers.errors import SENTENCE
from providers.registry import HOW_TO_CONFIGURE, ProviderEntry

STATES: Final = {
    "healthy": ("completed", "Works"),
    "degraded": ("cancelled", "Has trouble"),
    "down": ("failed", "Does not work"),
    "unconfigured": ("", "Not set up"),
}
"""The badge's colour and the word, by the status that the API tells."""
NOT_ASKED: Final = ("", "Not tested yet")
"""Of one that the API calls healthy because nothing speaks against it, and that was never called."""
BREAKERS: Final = {"open": "left alone for a moment", "half_open": "being tried again"}


@dataclass(frozen=True)
class ProviderView:
    """One provider; `entry` is None for one that is not set up, `row` for one that the environment sets up."""

    status: Mapping[str, Any]
    entry: ProviderEntry | None
    row: Any
    models: Sequence[ModelView]
    in_use: int

    @property
    def slug(self) -> str:
        """As models' ids begin."""
        return str(self.status["provider"])

    @property
    def name(self) -> str:
        """What people call it."""
        return str(self.status["name"])

    @property
    def state(self) -> tuple[str, str]:
        """The colour and the word; of one that nobody has asked yet nothing is claimed."""
        if self.status["status"] == "healthy" and self.status["checked_at"] is None:
            return NOT_ASKED
        return STATES[self.status["status"]]

    @property
    def trouble(self) -> str:
        """What was wrong last, in words; what has to be set up, where nothing is."""
        told = str(self.status["last_error"] or "")
        known = {code.value: sentence for code, sentence in SENTENCE.items()}
        return known.get(told, told)

    @property
    def breaker(self) -> str:
        """That nobody calls it now; empty while calls go through."""
        return BREAKERS.get(self.status["breaker"], "")

    @property
    def resting(self) -> Sequence[str]:
        """Models that are left alone now."""
        return list(self.status["resting_models"])

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Name and value of what is known of it."""
        checked: datetime | None = self.status["checked_at"]
        latency = self.status["latency_ms"]
        told = [
            ("Answers in", seconds(latency / 1000) if latency is not None else NOTHING),
            ("Looked at", age(checked) if checked else "not yet"),
            ("Models", f"{number(self.usable)} of {number(len(self.models))} can be asked" if self.models else NOTHING),
            ("Limits", self.limits),
        ]
        if self.entry and self.entry.max_concurrency:
            told.append(("Under way", f"{number(self.in_use)} of {number(self.entry.max_concurrency)} places"))
        return told

    @property
    def usable(self) -> int:
        """Models that can be asked."""
        return sum(model.is_available for model in self.models)

    @property
    def limits(self) -> str:
        """What all processes together keep to."""
        if not (entry := self.entry):
            return NOTHING
        told = [
            f"{counted(number_of, noun)} {per}"
            for number_of, noun, per in (
                (entry.max_concurrency, "call", "at once"),
                (entry.requests_per_minute, "request", "a minute"),
                (entry.tokens_per_minute, "token", "a minute"),
            )
            if number_of
        ]
        return ", ".join(told) or "none set here"

    @property
    def key(self) -> str:
        """The end of its saved key; where the environment has it, that it does."""
        if self.row is not None:
            return self.row.key_hint or "none saved"
        return "in the environment" if self.entry and self.slug in HOW_TO_CONFIGURE else NOTHING

    @property
    def can_be_tested(self) -> bool:
        """Whether asking for its listing tells how it does."""
        return bool(self.entry and self.entry.is_probed and not self.entry.unavailable_reason)
