"""What a run has used so far, attempt by attempt: the provider's own counts, and what it has not said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from playground.engine.reservation import Reserve
from playground.representation import DETAILS
from providers.base import Usage
from providers.catalogue import bill
from providers.catalogue.bill import Part
from providers.catalogue.info import ModelInfo
from providers.catalogue.rates import STANDARD, Place
from providers.line.fitting import estimated_tokens

MOST_TOKENS: Final = 10**10
"""No call has more: a count beyond it is none, and its cost would not fit the column."""
COUNTS: Final = tuple(name for name in Usage.__slots__ if name != "service_tier")
LONGEST_TIER: Final = 50


@dataclass(slots=True)
class Attempt:
    """One call of a provider."""

    model: ModelInfo
    usage: Usage | None = None
    """None where the provider has said nothing."""
    covered: int = 0
    """Characters of the answer that had come when it last said something."""
    estimated: list[str] | None = None
    """A round of tools, which ended well and counts like the last attempt: what of its usage the provider did not
    say. None of all others."""


class Counted(NamedTuple):
    """A run's usage, and the bill of all its attempts."""

    usage: Usage
    """Of the last attempt, and of the rounds before it; prompt and completion tokens are numbers."""
    estimated: list[str]
    """Which of the two the provider did not say, or not to the end."""
    parts: list[Part]
    place: Place

    @property
    def source(self) -> str:
        """`metadata.usage_source`."""
        return ("provider", "partly estimated", "estimated")[len(self.estimated)]

    def billing(self) -> dict[str, Any]:
        """The column: what the provider counted apart, and the lines with the prices that they were billed by."""
        details = {name: told for name in DETAILS if (told := getattr(self.usage, name)) is not None}
        return {"details": details, "lines": [line.as_json() for line in bill.lines_of(self.parts)]}

    def notes(self) -> dict[str, Any]:
        """What metadata tell of it; of a plain call nothing but where its figures come from."""
        told: dict[str, Any] = {"usage_source": self.source}
        if len(self.estimated) == 1:
            told["usage_estimated"] = self.estimated
        if self.place.tier != STANDARD:
            told["service_tier"] = self.place.tier
        if self.place.above:
            told["priced_above_tokens"] = self.place.above
        return told


class Tally:
    """The attempts of a run, in their order."""

    def __init__(self, attempts: list[Attempt] | None = None) -> None:
        self._attempts = attempts or []

    @property
    def model(self) -> ModelInfo | None:
        """The model that was called last."""
        return self._attempts[-1].model if self._attempts else None

    @property
    def is_told(self) -> bool:
        """Whether the provider has counted anything of the last attempt: then it sends a bill."""
        return bool(self._attempts) and self._attempts[-1].usage is not None

    def begin(self, model: ModelInfo) -> None:
        """A provider is being called."""
        self._attempts.append(Attempt(model))

    def take(self, usage: Usage, *, written: int) -> None:
        """What the provider counts so far, and how many characters of the answer had come by then."""
        self._attempts[-1].usage = _sound(usage)
        self._attempts[-1].covered = written

    def end_round(self, *, asked: int, written: int, at: datetime, model: ModelInfo) -> Reserve:
        """The last attempt has answered, with calls of tools, as `model`; what it cost."""
        attempt = self._attempts[-1]
        attempt.usage, attempt.estimated = _completed(attempt, asked=asked, written=written, is_whole=True)
        attempt.model = model
        tokens = (attempt.usage.prompt_tokens or 0) + (attempt.usage.completion_tokens or 0)
        return Reserve(tokens, bill.total_of(model.billed(attempt.usage, at=at).parts))

    def counted(
        self, *, asked: int, written: int, is_whole: bool, at: datetime, model: ModelInfo | None = None
    ) -> Counted:
        """The whole run's: `asked` in tokens, 0 where nothing came that anybody would bill; `written` in characters.

        What came after the provider's last word is estimated, unless the answer `is_whole`. Priced as `model`, where
        another one than was called has answered.
        """
        if not self._attempts:
            return Counted(Usage(0, 0), [], [], Place())
        *earlier, last = self._attempts
        usage, estimated = _completed(last, asked=asked, written=written, is_whole=is_whole)
        own = (model or last.model).billed(usage, at=at)
        rounds = [each for each in earlier if each.estimated is not None]
        attempts = [_as_attempt(each, at) for each in earlier if each.estimated is None and each.usage is not None]
        if not rounds:
            return Counted(usage, estimated, [*own.parts, *filter(None, attempts)], own.place)
        parts = [part for each in rounds for part in each.model.billed(each.usage or Usage(), at=at).parts]
        missing = sorted({*estimated, *(name for each in rounds for name in each.estimated or ())}, reverse=True)
        whole = _summed([*(each.usage or Usage() for each in rounds), usage])
        return Counted(whole, missing, [*bill.merged([*parts, *own.parts]), *filter(None, attempts)], own.place)

    def as_json(self) -> list[dict[str, Any]]:
        """For the log, should this process die: what was told, by attempt."""
        return [
            {
                "model_id": each.model.id,
                "usage": each.usage and asdict(each.usage),
                "covered": each.covered,
                **({} if each.estimated is None else {"estimated": each.estimated}),
            }
            for each in self._attempts
        ]

    @classmethod
    def from_json(cls, told: list[dict[str, Any]], model_of: Callable[[str], ModelInfo]) -> Tally:
        """What `as_json` gave."""
        return cls(
            [
                Attempt(
                    model_of(each["model_id"]),
                    each["usage"] and Usage(**each["usage"]),
                    each["covered"],
                    each.get("estimated"),
                )
                for each in told
            ]
        )


def _as_attempt(attempt: Attempt, at: datetime) -> Part | None:
    parts = attempt.model.billed(attempt.usage or Usage(), at=at).parts
    return bill.as_attempt(parts, note=attempt.model.id)


def _completed(attempt: Attempt, *, asked: int, written: int, is_whole: bool) -> tuple[Usage, list[str]]:
    usage, estimated = attempt.usage or Usage(), []
    prompt, completion = usage.prompt_tokens, usage.completion_tokens
    if prompt is None:
        prompt = asked
        estimated.append("prompt_tokens")
    if completion is None:
        completion = estimated_tokens(written)
        estimated.append("completion_tokens")
    elif not is_whole and written > attempt.covered:
        completion += estimated_tokens(written - attempt.covered)
        estimated.append("completion_tokens")
    return replace(usage, prompt_tokens=prompt, completion_tokens=completion), estimated


def _summed(usages: Sequence[Usage]) -> Usage:
    """All counts together; None where nobody has counted, the tier of the last."""
    told = {name: [each for usage in usages if (each := getattr(usage, name)) is not None] for name in COUNTS}
    return replace(usages[-1], **{name: sum(counts) if counts else None for name, counts in told.items()})


def _sound(usage: Usage) -> Usage:
    """Without what cannot be: an adapter may be anybody's."""
    given: Mapping[str, Any] = {name: getattr(usage, name) for name in COUNTS}
    odd = {name: None for name, told in given.items() if told is not None and not _is_count(told)}
    tier = usage.service_tier
    if tier is not None and not (isinstance(tier, str) and len(tier) <= LONGEST_TIER and tier.isidentifier()):
        odd["service_tier"] = None
    return replace(usage, **odd) if odd else usage


def _is_count(told: Any) -> bool:
    return type(told) is int and 0 <= told <= MOST_TOKENS
