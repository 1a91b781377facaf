"""What an objective allows, what of it is used, and how fast: The Site Reliability Workbook, "Alerting on SLOs"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

WINDOWS: Final = {
    "1h": timedelta(hours=1), "1d": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Objective:
    """What share is to be good, and of what."""

    name: str
    title: str
    aim: float
    of: str
    """What is counted, as a word in the plural."""
    how: str
    """How it is computed, for a person."""

    @property
    def allowed(self) -> float:
        """The share that may be bad."""
        return 1 - self.aim


OBJECTIVES: Final = (
    Objective(
        "availability", "Minutes in which it was there", 0.999, "minutes",
        "Each minute a web process that lives keeps a sample. A minute without one counts as down; minutes before the "
        "first sample count as nothing.",
    ),
    Objective(
        "errors", "Requests that were answered", 0.999, "requests",
        "Answers 500 and 503 are failed. Health checks and scrapes are left out. From the counters in the samples.",
    ),
    Objective(
        "speed", "Requests that took up to 500 ms of our own", 0.99, "requests",
        "From a request to its answer's head, without the time that providers took. Health checks and scrapes are left "
        "out. From the counters in the samples.",
    ),
)  # fmt: skip
"""As deploy/observability/rules.yml has them for Prometheus."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One objective in one window: how many there were, and how many of them were bad."""

    objective: Objective
    n: float
    bad: float

    @property
    def share_good(self) -> float | None:
        """None where there was none."""
        return 1 - self.bad / self.n if self.n else None

    @property
    def burn_rate(self) -> float | None:
        """How many times as fast as allowed the budget is used: 1 uses it up exactly at the window's end."""
        return self.bad / self.n / self.objective.allowed if self.n else None

    @property
    def budget_left(self) -> float | None:
        """Of what this window allows; below 0 it is overdrawn."""
        return None if self.burn_rate is None else 1 - self.burn_rate

    @property
    def is_enough(self) -> bool:
        """Whether one bad event is at most the whole budget; of fewer no rate says much."""
        return self.n * self.objective.allowed >= 1 - 1e-9

    @property
    def is_met(self) -> bool | None:
        """None where there was none."""
        return None if self.burn_rate is None else self.burn_rate <= 1 + 1e-9


def burning_down(objective: Objective, days: list[tuple[float, float]]) -> list[float | None]:
    """What is left of the whole time's budget after each of these days (n, bad); None until something was counted."""
    allowed = sum(n for n, _ in days) * objective.allowed
    found: list[float | None] = []
    counted = used = 0.0
    for n, bad in days:
        counted, used = counted + n, used + bad
        found.append(1 - used / allowed if counted else None)
    return found
