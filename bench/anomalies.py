"""How well anomalies are found, in synthetic histories: `python -m bench.anomalies [SEEDS]`.

Each history is an installation of ten weeks: people who work in the week and by day, programs that run at night,
some who come now and then, growth, and calls whose cost has a heavy tail. In the last three weeks things are planted: a
runaway loop, a slow leak, an error burst, a leaked token. What is found and was not planted is a false alarm.
"""

from __future__ import annotations

import math
import random
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from analytics.anomalies.baseline import DAY, WEEK, Figures, Metric, is_normal, is_unusual, judge

HISTORY, WATCHED = 7 * WEEK, 3 * WEEK
KINDS: Final = ("runaway_loop", "slow_leak", "error_burst", "leaked_token")
WATCHED_METRICS: Final = (Metric.COST, Metric.VOLUME, Metric.ERRORS)


@dataclass
class Plant:
    """Something that is wrong for some hours."""

    kind: str
    subject: str
    start: int
    end: int


@dataclass
class Tally:
    """What came out."""

    planted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    alarms: int = 0
    true_alarms: int = 0
    weeks: int = 0

    def recall(self, kind: str) -> float:
        """Of the planted ones of a kind."""
        return self.found[kind] / self.planted[kind]

    @property
    def precision(self) -> float:
        """Of all alarms."""
        return self.true_alarms / self.alarms if self.alarms else 1.0

    @property
    def false_a_week(self) -> float:
        """In an installation."""
        return (self.alarms - self.true_alarms) / self.weeks


def rate(kind: str, hour: int) -> float:
    """Calls that are expected in the hour."""
    day, of_day = hour // DAY % 7, hour % DAY
    growth = float(1.03 ** (hour / WEEK))
    if kind == "program":
        return growth * (60 if of_day in (2, 3) else 4)
    if kind == "now_and_then":
        return 6.0 if day < 5 and 8 <= of_day < 18 and random.Random(f"{hour // 4}").random() < 0.06 else 0.0
    shape = max(math.sin((of_day - 7) / 12 * math.pi), 0.0) if 7 <= of_day < 19 else 0.02
    return growth * 25 * shape * (1.0 if day < 5 else 0.15)


def poisson(source: random.Random, mean: float) -> int:
    """A count; by the normal distribution where it is large."""
    if mean > 50:
        return max(round(source.gauss(mean, math.sqrt(mean))), 0)
    limit, product, count = math.exp(-mean), source.random(), 0
    while product > limit:
        product *= source.random()
        count += 1
    return count


def calls(source: random.Random, count: int, *, error_rate: float = 0.02, scale: float = 1.0) -> Figures:
    """So many calls, whose costs have a heavy tail (log-normal, sigma 1.2)."""
    cost = sum(0.01 * scale * source.lognormvariate(0, 1.2) for _ in range(count))
    return Figures(count, sum(source.random() < error_rate for _ in range(count)), cost)


def plants(source: random.Random, subjects: dict[str, str]) -> list[Plant]:
    """One of each kind, each with somebody else."""
    steady = [name for name, kind in subjects.items() if kind != "now_and_then"]
    chosen = source.sample(steady, len(KINDS))
    made = []
    for kind, subject in zip(KINDS, chosen, strict=True):
        day = HISTORY + DAY * source.randrange(1, 15)
        lasts = {"runaway_loop": 3, "slow_leak": 3 * DAY, "error_burst": 3, "leaked_token": 8}[kind]
        start = day + {"leaked_token": 0, "slow_leak": 0}.get(kind, 10 if subjects[subject] == "person" else 2)
        made.append(Plant(kind, subject, start, start + lasts))
    return made


def history(seed: int) -> tuple[dict[str, dict[int, Figures]], list[Plant]]:
    """Figures of each subject by hour, and what was planted."""
    source = random.Random(seed)
    subjects = {f"person{n}": "person" for n in range(5)} | {f"program{n}": "program" for n in range(2)}
    subjects |= {f"guest{n}": "now_and_then" for n in range(5)}
    planted = plants(source, subjects)
    by_subject: dict[str, dict[int, Figures]] = {}
    for name, kind in subjects.items():
        series = {}
        for hour in range(HISTORY + WATCHED):
            here = {each.kind for each in planted if each.subject == name and each.start <= hour < each.end}
            usual = rate(kind, hour)
            if "error_burst" in here:
                usual = max(usual, 25.0)
            figures = calls(source, poisson(source, usual), error_rate=0.6 if "error_burst" in here else 0.02)
            if "runaway_loop" in here:
                figures = add(figures, calls(source, 400))
            if "slow_leak" in here:
                figures = add(figures, calls(source, poisson(source, 15)))
            if "leaked_token" in here:
                figures = add(figures, calls(source, poisson(source, 60), scale=2))
            if figures.calls:
                series[hour] = figures
        by_subject[name] = series
    return by_subject, planted


def add(one: Figures, other: Figures) -> Figures:
    """Both."""
    return Figures(one.calls + other.calls, one.errors + other.errors, one.cost + other.cost)


def measure(seeds: range, *, history_from: int = 0) -> Tally:
    """What is found in as many installations; `history_from` leaves out the hours before."""
    tally = Tally()
    for seed in seeds:
        by_subject, planted = history(seed)
        tally.weeks += WATCHED // WEEK
        tally.planted.update(each.kind for each in planted)
        hit: set[int] = set()
        for name, series in by_subject.items():
            mine = [(place, each) for place, each in enumerate(planted) if each.subject == name]
            kept = {hour: figures for hour, figures in series.items() if hour >= history_from}
            for start, end in alarms(kept, history_from):
                # A day's sum has what was planted in it for a day longer.
                fits = {place for place, each in mine if start < each.end + DAY and end >= each.start}
                tally.alarms += 1
                tally.true_alarms += bool(fits)
                hit |= fits
        tally.found.update(planted[place].kind for place in hit)
    return tally


def alarms(series: dict[int, Figures], first: int) -> list[tuple[int, int]]:
    """Hours from which to which each anomaly was open."""
    found = []
    for metric in WATCHED_METRICS:
        opened: int | None = None
        for hour in range(HISTORY, HISTORY + WATCHED):
            judged = judge(series, hour=hour, metric=metric, first=first)
            if opened is None and judged is not None and is_unusual(judged, hour - first):
                opened = hour
            elif opened is not None and is_normal(judged):
                found.append((opened, hour))
                opened = None
        if opened is not None:
            found.append((opened, HISTORY + WATCHED))
    return found


def main() -> None:
    """Prints precision, and recall of each kind, with seven weeks of history and with ten days."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    for words, history_from in (("seven weeks of history", 0), ("ten days of history", HISTORY - 10 * DAY)):
        tally = measure(range(count), history_from=history_from)
        recalls = ", ".join(f"{kind} {tally.recall(kind):.2f}" for kind in KINDS)
        print(f"{words}, {count} installations of 12: precision {tally.precision:.2f}, recall {recalls}, ", end="")
        print(f"false alarms {tally.false_a_week:.2f} a week")


if __name__ == "__main__":
    main()
