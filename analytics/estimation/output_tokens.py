"""How long answers will be: as they were, as the caller says, or at most."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import Final

from analytics.estimation.history import DAYS, History
from analytics.estimation.sums import quantile
from foundation.words import number

GIVEN, ASSUMED = "given", "assumed"
WHOSE: Final = {
    "template_and_model": "of this template on this model",
    "template": "of this template on other models",
    "session": "of this model in this session",
    "own_model": "of this model that you made",
    "model": "of this model by everybody here",
}


@dataclass(frozen=True, slots=True)
class OutputTokens:
    """Tokens of an answer, thoughts included. Quantiles only of calls that were seen."""

    basis: str
    """template_and_model, template, session, own_model, model; given by the caller; assumed: the most it can be."""
    n: int
    """Calls that were looked at."""
    mean: float
    p10: float | None
    p50: float | None
    p90: float | None
    most: int
    """Tokens that an answer may have."""
    cut: int
    """Of those calls, how many were longer and are counted as `most`."""
    reason: str


def output_of(history: History, *, most: int, given: int | None) -> OutputTokens:
    """What to expect of answers that may have `most` tokens."""
    if given is not None:
        told = min(given, most)
        said = f"{number(told)} tokens, as you said."
        if told < given:
            said = f"{number(told)} tokens, the most that an answer may have, and not {number(given)} as you said."
        return OutputTokens(GIVEN, 0, told, None, None, None, most, int(told < given), said)
    if not history.calls:
        said = f"Nobody knows how long answers are: no {DAYS} days of calls tell. Counted as the most they may be."
        return OutputTokens(ASSUMED, 0, most, None, None, None, most, 0, said)
    lengths = sorted(min(call.completion, most) for call in history.calls)
    cut = sum(call.completion > most for call in history.calls)
    said = (
        f"As the newest {number(len(lengths))} completed calls {WHOSE[history.basis]} in the last {DAYS} days: "
        f"{number(round(quantile(lengths, 0.5)))} tokens in the middle, {number(round(fmean(lengths)))} on average."
    )
    if cut:
        said += f" {number(cut)} of them were longer than {number(most)} tokens, which is what an answer may have now."
    low, middle, high = (quantile(lengths, share) for share in (0.1, 0.5, 0.9))
    return OutputTokens(history.basis, len(lengths), fmean(lengths), low, middle, high, most, cut, said)
