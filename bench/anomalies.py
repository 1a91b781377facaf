"""How well anomalies are found, in synthetic histories: `python -m bench.anomalies [SEEDS]`.

Each history is an installation of ten weeks: people who work in the week and by day, programs that run at night,
some who come now and then, growth, and calls whose cost has a heavy tail. In the last three weeks things are planted: a
runaway loop, a slow leak, an error burst, a leaked token. What is found and was not planted is a false alarm.

At the end it looks at the last hour of BENCH_USERS (2,000) people who use two models by day for 58 days, in a process
of its own with a database of its own, and tells its time and memory; budget: 60 MB above what Django takes at rest.
"""

from __future__ import annotations

import math
import os
import random
import resource
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from analytics.anomalies.baseline import DAY, WEEK, Figures, Metric, is_normal, is_unusual, judge
from bench.export import run, set_up
from tests.servers.embedded import EmbeddedServers, make_data_folder

USERS: Final = int(os.environ.get("BENCH_USERS", "2000"))
DAYS: Final = 58
BUDGET: Final = 60
"""MB."""
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


FILL: Final = """
INSERT INTO usage_hours (hour, user_id, model_id, calls, errors, cost)
SELECT h, u.id, 'openai/' || m, 1 + mod(abs(hashtext(u.id::text || h::text || m)::bigint), 20), 0, random()
FROM users u CROSS JOIN generate_series(%(end)s - %(days)s * interval '1 day', %(end)s, interval '1 hour') AS h
    CROSS JOIN unnest(ARRAY['a', 'b']) AS m
WHERE extract(hour FROM h AT TIME ZONE 'UTC') BETWEEN 8 AND 17
"""


def measure_memory() -> None:
    """Prints time and peak memory of one look, in a process of its own."""
    folder = make_data_folder()
    with EmbeddedServers(folder) as servers:
        environment = {
            **os.environ,
            "PLAYGROUND_DATA_DIR": str(folder),
            "DATABASE_URL": servers.database_url,
            "REDIS_URL": servers.redis_url,
        }
        run(environment, "manage.py", "migrate", "--verbosity", "0")
        print(run(environment, "-m", "bench.anomalies", "fill"))
        print(run(environment, "-m", "bench.anomalies", "scan"))


def fill() -> None:
    """Makes the people and their figures."""
    set_up()
    from datetime import UTC, datetime

    from django.db import connection

    from accounts.models import User
    from analytics.models import UsageHour, UsageRollup

    User.objects.bulk_create(User(username=f"u{n}", organisation=f"org{n % 40}") for n in range(USERS))
    end = datetime(2032, 3, 8, 12, tzinfo=UTC)
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"end": end, "days": DAYS})
        cursor.execute("ANALYZE usage_hours")
    UsageRollup.objects.create(done_until=end)
    print(f"{USERS:,} users, {DAYS} days, {UsageHour.objects.count():,} rows of figures")


def scan_once() -> None:
    """Looks at one hour."""
    set_up()
    from datetime import UTC, datetime

    from analytics.anomalies.scanning import scan
    from analytics.models import UsageRollup

    assert UsageRollup.objects.exists()
    at_rest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.perf_counter()
    assert scan(now=datetime(2032, 3, 8, 13, 20, tzinfo=UTC)) == 1
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"one look: {seconds:.1f} s, {peak:.0f} MB at the peak, {at_rest:.0f} MB at rest; budget {BUDGET} MB above it"
    )
    assert peak - at_rest < BUDGET, f"{peak - at_rest:.0f} MB"


def main() -> None:
    """Prints precision, and recall of each kind, with seven weeks of history and with ten days; then the memory."""
    match sys.argv[1:]:
        case ["fill"]:
            fill()
        case ["scan"]:
            scan_once()
        case ["memory"]:
            measure_memory()
        case _:
            tell_of_rules()
            measure_memory()


def tell_of_rules() -> None:
    """Prints what the rules find, and what they find that is not there."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    for words, history_from in (("seven weeks of history", 0), ("ten days of history", HISTORY - 10 * DAY)):
        tally = measure(range(count), history_from=history_from)
        recalls = ", ".join(f"{kind} {tally.recall(kind):.2f}" for kind in KINDS)
        print(f"{words}, {count} installations of 12: precision {tally.precision:.2f}, recall {recalls}, ", end="")
        print(f"false alarms {tally.false_a_week:.2f} a week")


if __name__ == "__main__":
    main()
