"""F22: how long a day's events take to drain, and what events cost the statements of the engine.

`python -m bench.events` needs nothing running. 100,000 events wait while the EventManager is away (budget: told in
order within five minutes of its return); BENCH_EVENTS sets the number. Then PostgreSQL's CPU for an execution that is
begun and ended in a group of twenty: without the effects, with them and no destination, with one.
"""

from __future__ import annotations

import os
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import orjson
import psutil

from bench.export import run, set_up
from tests.servers.embedded import EmbeddedServers, make_data_folder

EVENTS: Final = int(os.environ.get("BENCH_EVENTS", "100000"))
GROUP, GROUPS, ROUNDS = 20, 100, 5


def main() -> None:
    """Prints both; with arguments, does one step of it."""
    match sys.argv[1:]:
        case ["drain"]:
            set_up()
            drain()
        case ["cost"]:
            set_up()
            cost()
        case _:
            folder = make_data_folder()
            with EmbeddedServers(folder) as servers:
                environment = {
                    **os.environ,
                    "PLAYGROUND_DATA_DIR": str(folder),
                    "DATABASE_URL": servers.database_url,
                    "REDIS_URL": servers.redis_url,
                }
                run(environment, "manage.py", "migrate", "--verbosity", "0")
                for step in ("drain", "cost"):
                    print(run(environment, "-m", "bench.events", step), flush=True)


def drain() -> None:
    """Fills the outbox while nobody is there, and tells all of it once somebody is."""
    from django.conf import settings

    from events.models import Delivery
    from events.outbox import destinations
    from events.tasks import relay
    from tests.events.outbox_rows import fill, is_in_order
    from tests.servers.event_manager import EventManagerServer

    with EventManagerServer() as server:
        settings.ENV = settings.ENV.model_copy(update={"event_manager_url": server.url})
        destinations.keep()
        server.go()
        fill(EVENTS, destination=destinations.EVENT_MANAGER)
        relay()
        server.come()
        began = time.perf_counter()
        while Delivery.objects.filter(state="due").exists():
            relay()
            time.sleep(0.05)
        took = time.perf_counter() - began
        print(
            f"{EVENTS:,} events after an absence: told in {took:.1f} s, {EVENTS / took:,.0f}/s,"
            f" in {len(server.batches)} calls; each once: {len(server.ids) == len(server.events) == EVENTS};"
            f" in order: {is_in_order(server.events)}; budget 300 s"
        )


def cost() -> None:
    """PostgreSQL's CPU an execution; the three ways take turns, the least of each counts."""
    from events.models import Destination

    turns = Turns()
    bare, told = turns.statements(with_events=False), turns.statements(with_events=True)

    def with_one() -> float:
        Destination.objects.create(name="bench")
        try:
            return turns.take(*told)
        finally:
            Destination.objects.filter(name="bench").delete()

    ways: dict[str, Callable[[], float]] = {
        "without the effects": lambda: turns.take(*bare),
        "with them, no destination": lambda: turns.take(*told),
        "with them, one destination": with_one,
    }
    Destination.objects.all().update(is_active=False)
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            found[name].append(way())
    print("PostgreSQL's CPU an execution:")
    for name, figures in found.items():
        print(f"  {name:28} {min(figures):6.0f} µs ({', '.join(f'{figure:.0f}' for figure in figures)})")


class Turns:
    """Executions of one session, begun and ended on a connection as the engine's own: it prepares statements."""

    def __init__(self) -> None:
        import psycopg

        from accounts.models import User
        from foundation import effects
        from foundation.database.connection import conninfo
        from sessions_app.models import PlaygroundSession

        user = User.objects.create_user("bench-events")
        self._session = PlaygroundSession.objects.create(user=user, name="Bench")
        self._effects = {moment: dict(named) for moment, named in effects._effects.items()}
        self._connection = psycopg.connect(conninfo(), autocommit=True)
        self._server = psutil.Process(self._connection.info.backend_pid)

    def statements(self, *, with_events: bool) -> tuple[str, str]:
        """Which begin and end a group of executions."""
        from foundation import effects
        from playground.engine import statements

        for moment in ("execution_begun", "execution_ended"):
            effects._effects[moment] = {
                name: text for name, text in self._effects[moment].items() if with_events or name != "events"
            }
        statements.insert.cache_clear()
        statements.end.cache_clear()
        return statements.insert(), statements.end()

    def take(self, begin: str, end: str) -> float:
        """Microseconds of PostgreSQL's CPU an execution."""
        used = self._server.cpu_times()
        for _ in range(GROUPS):
            ids = [str(uuid.uuid4()) for _ in range(GROUP)]
            self._connection.execute(begin, [orjson.dumps([_begun(id_, self._session) for id_ in ids]).decode()])
            self._connection.execute(end, [orjson.dumps([_ended(id_) for id_ in ids]).decode()])
        now = self._server.cpu_times()
        return float((now.user + now.system - used.user - used.system) * 1e6 / (GROUPS * GROUP))


def _begun(id_: str, session: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "session_id": str(session.id),
        "user_id": str(session.user_id),
        "model_id": "local/echo",
        "request": "\\x" + "00" * 600,
        "status": "running",
        "metadata": {},
        "created_at": datetime.now(UTC).isoformat(),
        "origin": "person",
        "reserved_cost": "0",
        "reserved_tokens": 0,
        "project_id": "",
    }


def _ended(id_: str) -> dict[str, Any]:
    return {
        "id": id_,
        "model_id": "local/echo",
        "status": "completed",
        "answer": "\\x" + "00" * 600,
        "error_code": "",
        "prompt_tokens": 10,
        "completion_tokens": 32,
        "estimated_cost": "0.001",
        "execution_time": "0.5",
        "metadata": {},
        "ended_at": datetime.now(UTC).isoformat(),
        "last_event": 4,
    }


if __name__ == "__main__":
    main()
