"""Judges as a test's page shows them: the sentence first, then what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from evaluation_app.judges.agreement import State
from evaluation_app.pages.presentation.rate import RateView, percent
from foundation.words import counted, p_value

LOOKS = {State.UNCALIBRATED: "cancelled", State.WEAK: "failed", State.CALIBRATED: "completed"}
NAMES = {State.UNCALIBRATED: "Not calibrated", State.WEAK: "Not good enough", State.CALIBRATED: "Calibrated"}


@dataclass(frozen=True, slots=True)
class JudgeView:
    """One judge (evaluation_app.judges.report)."""

    told: dict[str, Any]

    @property
    def name(self) -> str:
        """Who judges."""
        return str(self.told["model_id"])

    @property
    def badge(self) -> str:
        """The look of what it is worth."""
        return LOOKS[State(self.told["state"])]

    @property
    def state(self) -> str:
        """What it is worth, in a word."""
        return NAMES[State(self.told["state"])]

    @property
    def sentence(self) -> str:
        """What its rate is."""
        return f"This is {self.told['sentence']}."

    @property
    def kappa(self) -> str:
        """Agreement beyond chance."""
        figure = self.told["kappa"]
        if not figure:
            return ""
        if figure["value"] is None:
            return f"{self.told['labels']} labels, all alike: agreement beyond chance cannot be told"
        interval = figure["interval"]
        around = f" ({figure['confidence']:.0%} {interval['low']:.2f} to {interval['high']:.2f})" if interval else ""
        return f"κ {figure['value']:.2f}{around} over {self.told['labels']} labels"

    @property
    def rows(self) -> list[tuple[str, list[int]]]:
        """The confusion table."""
        confusion = self.told["confusion"]
        return list(zip(confusion["classes"], confusion["judge_by_people"], strict=True))

    @property
    def rates(self) -> list[tuple[str, RateView, RateView, RateView]]:
        """By variant: the judge's, people's, and both together."""
        return [
            (each["variant"], RateView(each["raw"]), RateView(each["people"]), RateView(each["corrected"]))
            for each in self.told["rates"]
        ]

    @property
    def preferences(self) -> Iterator[str]:
        """What one that compares preferred, by variant."""
        for each in self.told["preferences"]:
            answers = counted(each["better"] + each["tie"] + each["worse"], "answer")
            said = f"better {each['better']}, as good {each['tie']}, worse {each['worse']}"
            yield f"{each['variant']}, of {answers}: {said}."

    @property
    def warnings(self) -> Iterator[str]:
        """What sways it."""
        bias = self.told["bias"]
        if (flips := bias["order_flips"]) and flips["value"]:
            yield f"Its choice turns with the order of the answers in {_of(flips, 'pair')}."
        if (repeats := bias["repeatability"]) and repeats["value"] is not None and repeats["value"] < 1:
            yield f"Asked three times about the same answer it says the same in {_of(repeats, 'answer')}."
        p_of_length = bias["length"]["p_value"]
        if p_of_length is not None and p_of_length < 0.05:
            longer = bias["length"]["per_doubling"]["value"] > 0
            yield f"It passes {'longer' if longer else 'shorter'} answers more often ({p_value(p_of_length)})."
        if self.told["same_family"]:
            yield f"It is of the same family as {', '.join(self.told['same_family'])}, which judges tend to favour."
        if bias["unreadable_replies"]:
            yield f"{bias['unreadable_replies']} of {bias['replies']} replies told no verdict."


def _of(figure: Mapping[str, Any], word: str) -> str:
    """Such as `12 % of 40 pairs (5 to 20 %)`."""
    span = RateView(figure).span
    return f"{percent(figure['value'])} of {counted(figure['n'], word)}{f' ({span})' if span else ''}"
