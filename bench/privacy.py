"""Retention, own data, the proof's search and erasure of 100,000 executions, each in a process of its own.

Each has about 1 KB of sealed text, every fifth an answer of 20 KB; 200 files of 500 KB lie in the object storage.

Budget: 200 MB of memory at the peak. `python -m bench.privacy` needs nothing running; BENCH_EXECUTIONS sets the number.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable
from uuid import UUID

from bench.export import EXECUTIONS, fill, run, set_up
from tests.servers.embedded import EmbeddedServers, make_data_folder

BUDGET = 200
"""MB."""
LONG_EVERY = 5
FILES, FILE = 200, 500_000
"""How many files, and their bytes."""


def main() -> None:
    """Prints a line an act; with arguments, does one step of it."""
    match sys.argv[1:]:
        case ["fill"]:
            set_up()
            session_id = fill(EXECUTIONS, long_every=LONG_EVERY)
            _upload(session_id)
            print(session_id)
        case [act, session_id]:
            set_up()
            _measured(act, ACTS[act], UUID(session_id))
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
        print(f"{EXECUTIONS:,} executions, every {LONG_EVERY}th of 20 KB; {FILES} files; budget {BUDGET} MB")
        print(f"{'act':14} {'rows/s':>10} {'seconds':>8} {'at rest':>10} {'peak':>10}")
        for acts in (["dry-run", "retention"], ["own-data", "proof", "erasure"]):
            session_id = run(environment, "-m", "bench.privacy", "fill")
            for act in acts:
                print(run(environment, "-m", "bench.privacy", act, session_id), flush=True)


def _measured(name: str, act: Callable[[UUID], None], session_id: UUID) -> None:
    at_rest = _peak()
    began = time.perf_counter()
    act(session_id)
    seconds = time.perf_counter() - began
    peak = _peak()
    print(f"{name:14} {EXECUTIONS / seconds:10,.0f} {seconds:8.1f} {at_rest:7.0f} MB {peak:7.0f} MB")
    assert peak < BUDGET, f"{peak:.0f} MB"


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _upload(session_id: UUID) -> None:
    from django.utils import timezone

    from playground.attachments.storing import take
    from sessions_app.models import PlaygroundSession

    user = PlaygroundSession.objects.get(id=session_id).user
    for number in range(FILES):
        words = f"{number} words of a file\n"
        take(user=user, data=(words * (FILE // len(words))).encode(), name=f"{number}.txt", now=timezone.now())


def _count_what_would_go(session_id: UUID) -> None:
    from privacy.retention import running

    _age(session_id)
    run = running.begin(is_dry=True)
    assert running.work(run)
    assert sum(run.figures.values_list("rows", flat=True)) == EXECUTIONS


def _age(session_id: UUID) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from playground.models import Attachment, PromptExecution
    from privacy.retention.rules import set_days

    set_days(by=None, organisation="", days={"executions": 1})
    long_ago = timezone.now() - timedelta(days=2)
    PromptExecution.objects.filter(session_id=session_id).exclude(created_at=long_ago).update(created_at=long_ago)
    Attachment.objects.update(expires_at=long_ago)


def _keep_no_longer(session_id: UUID) -> None:
    from playground.models import Attachment, PromptExecution
    from privacy.retention import running

    assert running.work(running.begin(is_dry=False))
    assert not PromptExecution.objects.filter(session_id=session_id).exists()
    assert not Attachment.objects.exists()


def _make_own_data(session_id: UUID) -> None:
    from privacy.models import OwnData
    from privacy.own_data import making, ordering
    from sessions_app.models import PlaygroundSession

    made = ordering.order(user=PlaygroundSession.objects.get(id=session_id).user)
    making.make(made.id)
    assert OwnData.objects.get(id=made.id).status == OwnData.Status.COMPLETED


def _prove(session_id: UUID) -> None:
    from privacy.erasure.searching import search
    from sessions_app.models import PlaygroundSession

    name = PlaygroundSession.objects.get(id=session_id).user.username
    assert {find.kind for find in search([name])} == {"users"}


def _erase(session_id: UUID) -> None:
    from django.core.management import call_command

    from playground.models import Attachment, PromptExecution
    from sessions_app.models import PlaygroundSession

    user = PlaygroundSession.objects.get(id=session_id).user
    with open(os.devnull, "w") as nowhere:
        call_command("erase_user", str(user.id), "--no-export", stdout=nowhere)
    assert not PromptExecution.objects.filter(user_id=user.id).exists()
    assert not Attachment.objects.exists()


ACTS = {
    "dry-run": _count_what_would_go,
    "retention": _keep_no_longer,
    "own-data": _make_own_data,
    "proof": _prove,
    "erasure": _erase,
}

if __name__ == "__main__":
    main()
