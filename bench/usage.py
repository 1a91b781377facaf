"""How long it takes to see a year of usage: `python -m bench.usage`, over BENCH_RUNS (1,000,000) runs.

They are written by COPY into a database of its own: working days of sixty people and twelve models, half of the runs
tests of 500 at a time. Then their hours are rolled up as the worker does it, and the door's questions are asked, each
five times, nothing remembered. Budget: 200 ms for everybody's year.
"""

from __future__ import annotations

import gc
import math
import os
import random
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bench.export import run, set_up
from tests.servers.embedded import EmbeddedServers, make_data_folder

RUNS: Final = int(os.environ.get("BENCH_RUNS", "1000000"))
BUDGET: Final = 200
"""Milliseconds."""
END: Final = datetime(2026, 11, 1, tzinfo=UTC)
DAYS: Final = 365
PROJECTS: Final = ["", *(f"project-{number}" for number in range(20))]
"""Of people, each of whom works for one; every fourth run is of a template, every tenth by a token."""
VERSIONS: Final = [uuid.UUID(int=number) for number in range(200)]
TOKENS: Final = [uuid.UUID(int=number) for number in range(20)]
COLUMNS: Final = (
    "execution_id, began_at, user_id, session_id, project_id, template_version_id, token_id, model_id, origin, "
    "status, error_code, is_copy, is_cached, is_unpriced, prompt_tokens, completion_tokens, cache_read_tokens, "
    "cache_write_tokens, reasoning_tokens, cost, "
    "input_cost, cache_read_cost, cache_write_cost, output_cost, reasoning_cost, attempt_cost, latency, first_token, "
    "latency_bucket, first_token_bucket, is_rolled_up"
)


def main() -> None:
    """Makes the runs, rolls them up, asks."""
    if sys.argv[1:] == ["measure"]:
        set_up()
        measure()
        return
    folder = make_data_folder()
    with EmbeddedServers(folder) as servers:
        environment = {
            **os.environ,
            "PLAYGROUND_DATA_DIR": str(folder),
            "DATABASE_URL": servers.database_url,
            "REDIS_URL": servers.redis_url,
        }
        run(environment, "manage.py", "migrate", "--verbosity", "0")
        print(run(environment, "-m", "bench.usage", "measure"))


def measure() -> None:
    """In a process that is set up."""
    from django.db import connection

    from analytics.usage.rolling_up import AT_ONCE, roll_up

    began = time.perf_counter()
    people = [uuid.uuid4() for _ in range(60)]
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY execution_usage ({COLUMNS}) FROM STDIN") as copy:
            for row in rows(people):
                copy.write_row(row)
        cursor.execute("ANALYZE execution_usage")
    print(f"{RUNS:,} runs written in {time.perf_counter() - began:.0f} s")
    began = time.perf_counter()
    while roll_up(now=END):
        pass
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM usage_cells")
        cells = cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM usage_days")
        days = cursor.fetchone()[0]
    each = (time.perf_counter() - began) / RUNS * 1e6
    print(
        f"rolled up into {cells:,} cells of hours and {days:,} sums of days, {each:.0f} µs a run, {AT_ONCE:,} at once"
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE execution_usage, usage_cells, usage_days")
    ask(people)


def rows(people: list[uuid.UUID]) -> Iterator[tuple[Any, ...]]:
    """One a run, day by day: half of them tests of 500, the others in sessions that are worked in for days."""
    source = random.Random(20)
    models = [f"{('openai', 'anthropic', 'google', 'ollama')[number % 4]}/model-{number}" for number in range(12)]
    sessions = [(uuid.uuid4(), source.choice(people)) for _ in range(60)]
    for day in range(1, DAYS):
        sessions = [*sessions[8:], *((uuid.uuid4(), source.choice(people)) for _ in range(8))]
        written = []
        for number in range(RUNS // (DAYS - 1)):
            if number % 1_000 == 0:
                (session, user), test = source.choice(sessions), a_moment(source, day)
                tested = (user, session, test, source.choice(models))
            if number % 1_000 < 500:
                user, session, test, model = tested
                at, origin = test + timedelta(seconds=number % 1_000), "evaluation"
            else:
                session, user = source.choice(sessions)
                at, origin = a_moment(source, day), source.choice(("person", "service"))
                model = models[int(source.random() ** 2 * 12)]
            written.append(a_row(source, user, session, at, model, origin))
        yield from sorted(written, key=lambda row: row[1])


def a_moment(source: random.Random, day: int) -> datetime:
    """Mostly at working hours."""
    return END - timedelta(days=DAYS - day, hours=-8 - 5 * (source.random() + source.random()))


def a_row(
    source: random.Random, user: uuid.UUID, session: uuid.UUID, at: datetime, model: str, origin: str
) -> tuple[Any, ...]:
    """A run of log-normal length and time."""
    from playground.usage.sketch import bucket_of

    status = "completed" if source.random() < 0.97 else "failed"
    prompt, completion = int(source.lognormvariate(6, 1)), int(source.lognormvariate(5, 1))
    latency = int(source.lognormvariate(7.5, 0.8)) if status == "completed" else None
    first = latency // 4 if latency is not None else None
    costs = (prompt * 250, completion * 1_000)
    return (
        uuid.uuid4(), at, user, session, PROJECTS[user.int % len(PROJECTS)],
        source.choice(VERSIONS) if source.random() < 0.25 else None,
        source.choice(TOKENS) if source.random() < 0.1 else None,
        model, origin, status, "" if status == "completed" else "rate_limited",
        False, False, False, prompt, completion, 0, 0, 0, sum(costs), costs[0], 0, 0, costs[1], 0, 0, latency, first,
        None if latency is None else bucket_of(latency), None if first is None else bucket_of(first), False,
    )  # fmt: skip


def ask(people: list[uuid.UUID]) -> None:
    """The questions."""
    from analytics.usage.asking import Asked
    from analytics.usage.reading import usage_of

    # As in the web process (`config.asgi`).
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    year: dict[str, Any] = {"since": END - timedelta(days=DAYS), "before": END}
    questions = {
        **{f"everybody's year by {group}": Asked(**year, groups=(group,), zone="Europe/Berlin")
           for group in ("day", "week", "model", "provider", "origin", "status", "error")},
        "everybody's year, in all": Asked(**year),
        "everybody's year by day and model": Asked(**year, groups=("day", "model"), zone="Europe/Berlin"),
        "a model's year by day": Asked(**year, groups=("day",), filters={"model": ["openai/model-0"]}),
        "everybody's year by day in India": Asked(**year, groups=("day",), zone="Asia/Kolkata"),
        **{f"everybody's year by {group}": Asked(**year, groups=(group,))
           for group in ("user", "session", "project", "token")},
        "everybody's month by user": Asked(since=END - timedelta(days=30), before=END, groups=("user",)),
        "a person's year by day": Asked(**year, groups=("day",), people=(people[0],)),
        "a team's year by day": Asked(**year, groups=("day",), people=tuple(people[:6]), zone="Europe/Berlin"),
        "a team's year by model": Asked(**year, groups=("model",), people=tuple(people[:6])),
        "a project's year by day": Asked(**year, groups=("day",), filters={"project": PROJECTS[1:2]}),
        "a version's year by day": Asked(**year, groups=("day",), filters={"version": [str(VERSIONS[0])]}),
        "a token's year by model": Asked(**year, groups=("model",), filters={"token": [str(TOKENS[0])]}),
    }  # fmt: skip
    for name, asked in questions.items():
        times = []
        for _ in range(5):
            began = time.perf_counter()
            found = usage_of(asked)
            times.append((time.perf_counter() - began) * 1000)
        p95 = sorted(times)[math.ceil(0.95 * len(times)) - 1]
        print(
            f"{name}: {min(times):.0f} to {p95:.0f} ms, {len(found.rows)} groups, "
            f"{found.total.executions:,} runs; {'within' if p95 <= BUDGET else 'OVER'} {BUDGET} ms"
        )


if __name__ == "__main__":
    main()
