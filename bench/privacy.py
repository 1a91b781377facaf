"""Retention and erasure of 100,000 executions with about 1 KB of sealed text each, each in a process of its own.

Budget: 200 MB of memory at the peak. `python -m bench.privacy` needs nothing running; BENCH_EXECUTIONS sets the number.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from uuid import UUID

from bench.export import EXECUTIONS, fill, run, set_up
from tests.servers.embedded import EmbeddedServers, make_data_folder

BUDGET = 200
"""MB."""


def main() -> None:
    """Prints a line an act; with arguments, does one step of it."""
    match sys.argv[1:]:
        case ["fill"]:
            set_up()
            print(fill(EXECUTIONS))
        case ["retention", session_id]:
            set_up()
            _measured("retention", _keep_no_longer, UUID(session_id))
        case ["own-data", session_id]:
            set_up()
            _measured("own data", _make_own_data, UUID(session_id))
        case ["erasure", session_id]:
            set_up()
            _measured("erasure", _erase, UUID(session_id))
        case _:
            _measure()


def _measure() -> None:
    folder = make_data_folder()
    with EmbeddedServers(folder) as servers:
        environment = {
            **os.environ,
            "PLAYGROUND_DATA_DIR": str(folder),
            "DATABASE_URL": servers.database_url,
            "REDIS_URL": servers.redis_url,
        }
        run(environment, "manage.py", "migrate", "--verbosity", "0")
        print(f"{EXECUTIONS:,} executions of about 1 KB; budget {BUDGET} MB")
        print(f"{'act':14} {'rows/s':>10} {'seconds':>8} {'peak memory':>12}")
        for acts in (["retention"], ["own-data", "erasure"]):
            session_id = run(environment, "-m", "bench.privacy", "fill")
            for act in acts:
                print(run(environment, "-m", "bench.privacy", act, session_id))


def _measured(name: str, act: object, session_id: UUID) -> None:
    assert callable(act)
    began = time.perf_counter()
    act(session_id)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name:14} {EXECUTIONS / seconds:10,.0f} {seconds:8.1f} {peak:9.0f} MB")
    assert peak < BUDGET, f"{peak:.0f} MB"


def _keep_no_longer(session_id: UUID) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from playground.models import PromptExecution
    from privacy.retention import running
    from privacy.retention.rules import set_days

    set_days(by=None, organisation="", days={"executions": 1})
    rows = PromptExecution.objects.filter(session_id=session_id)
    rows.update(created_at=timezone.now() - timedelta(days=2))
    assert running.work(running.begin(is_dry=False))
    assert not rows.exists()


def _make_own_data(session_id: UUID) -> None:
    from privacy.models import OwnData
    from privacy.own_data import making, ordering
    from sessions_app.models import PlaygroundSession

    made = ordering.order(user=PlaygroundSession.objects.get(id=session_id).user)
    making.make(made.id)
    assert OwnData.objects.get(id=made.id).status == OwnData.Status.COMPLETED


def _erase(session_id: UUID) -> None:
    from django.core.management import call_command

    from playground.models import PromptExecution
    from sessions_app.models import PlaygroundSession

    user = PlaygroundSession.objects.get(id=session_id).user
    with open(os.devnull, "w") as nowhere:
        call_command("erase_user", str(user.id), "--no-export", stdout=nowhere)
    assert not PromptExecution.objects.filter(user_id=user.id).exists()


if __name__ == "__main__":
    main()
