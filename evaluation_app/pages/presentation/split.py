"""A traffic split as the page of versions shows it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from accounts.models import User
from evaluation_app.models import Suite
from evaluation_app.pages.presentation.rate import percent
from evaluation_app.splits.representation import split_json
from evaluation_app.statistics.verdicts import in_points, points
from foundation.words import age, counted, number
from templates_app import lookup
from templates_app.models import Measure, SplitOutcome, TemplateSplit
from templates_app.versions.protection import open_request, protection_of

MOST_ENDED: Final = 10
MOST_SUITES: Final = 100
MEASURED: Final = {Measure.SUCCESS: "Succeeded", Measure.RATING: "Rated", Measure.SCORES: "Passed"}


class ArmRow:
    """One of the two versions."""

    def __init__(self, name: str, share: int, arm: dict[str, Any]) -> None:
        self.name, self.share, self.number = name, share, arm["version"]
        self.calls, self.counted = number(arm["calls"]), number(arm["counted"])
        self.mean = percent(arm["mean"])


class SplitView:
    """One split with what it shows."""

    def __init__(self, split: TemplateSplit) -> None:
        self.split = split
        told = split_json(split)
        self.arms = [
            ArmRow("Label", 100 - split.share, told["control"]),
            ArmRow("Candidate", split.share, told["candidate"]),
        ]
        self.measured = MEASURED[Measure(split.measure)]
        self.scorers = ", ".join(told["scorers"])
        self.approved_by = str(split.approved_by) if split.approved_by else ""
        self.by = str(split.started_by) if split.started_by else "somebody who left"
        self.age = age(split.started_at)
        self.difference = _difference(told["difference"])
        self._counted = told["control"]["counted"] + told["candidate"]["counted"]

    @property
    def summary(self) -> str:
        """How it ended."""
        split = self.split
        said = SplitOutcome(split.outcome).label
        after = f"after {counted(self._counted, 'call that counts', 'calls that count')}"
        return f"Version {split.candidate.number} beside {split.control.number}: {said} {after}"

    @property
    def ended_age(self) -> str:
        """When it ended."""
        return age(self.split.ended_at) if self.split.ended_at else ""


class LabelTraffic:
    """A label's running split, or what one may be begun with, and those that have ended."""

    def __init__(self, template: Any, label: str, user: User) -> None:
        self.label = label
        self.may_change = lookup.may_change(lookup.role_in(template, user))
        splits = template.splits.filter(label=label).select_related("control", "candidate", "started_by", "approved_by")
        self.running = next(map(SplitView, splits.filter(ended_at=None)), None)
        ended: Iterable[TemplateSplit] = splits.exclude(ended_at=None).order_by("-started_at")[:MOST_ENDED]
        self.ended = [SplitView(split) for split in ended]
        pointing = template.labels.select_related("version").filter(name=label).first()
        self.number = pointing.version.number if pointing else None
        others = template.versions.order_by("-number").values_list("number", flat=True)
        self.candidates = [each for each in others if each != self.number] if pointing else []
        suites = Suite.objects.visible_to(user).order_by("-created_at")[:MOST_SUITES]
        self.measures = [choice for choice in Measure.choices if choice[0] != Measure.SCORES]
        self.measures += [(f"{Measure.SCORES}:{suite.id}", f"Scorers of “{suite.name}”") for suite in suites]
        self.is_protected = protection_of(template, label) is not None
        self.is_asked = self.is_protected and open_request(template, label) is not None


def _difference(estimate: dict[str, Any]) -> str:
    """The difference in points with its interval, or that nothing can be said yet."""
    if estimate["value"] is None:
        return "Nothing can be said before both versions have answered."
    told = f"{_signed(estimate['value'])} {in_points(abs(estimate['value'])).split()[1]}"
    interval = estimate["interval"]
    if interval is None:
        return f"{told}; too few calls to say how sure that is."
    low, high = _signed(interval["low"]), _signed(interval["high"])
    return f"{told}, {100 * interval['confidence']:g} % {low} to {high}"


def _signed(share: float) -> str:
    sign = "\N{MINUS SIGN}" if share < 0 else "+" if share > 0 else ""
    return f"{sign}{points(abs(share)) if share else 0}"
