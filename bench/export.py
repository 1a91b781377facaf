"""The large export: 100,000 executions with about 1 KB of sealed text each, every format in a process of its own.

Budget: 200 MB of memory at the peak. `python -m bench.export` needs nothing running; BENCH_EXECUTIONS sets the number.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from tests.servers.embedded import EmbeddedServers, make_data_folder

ROOT = Path(__file__).resolve().parent.parent
EXECUTIONS = int(os.environ.get("BENCH_EXECUTIONS", "100000"))
COLUMNS = (
    "id, session_id, user_id, model_id, request, answer, parameters, status, error_code, "
    "prompt_tokens, completion_tokens, estimated_cost, execution_time, metadata, created_at, ended_at, "
    "cancel_requested, last_event"
)
WORDS = "The quick brown fox jumps over the lazy dog, and = + - @ are ordinary signs. "


def main() -> None:
    """Prints a line a format; with arguments, does one step of it."""
    match sys.argv[1:]:
        case []:
            _measure()
        case ["fill"]:
            set_up()
            print(fill(EXECUTIONS))
        case ["make", session_id, format_name]:
            set_up()
            _make(UUID(session_id), format_name)


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
        session_id = run(environment, "-m", "bench.export", "fill")
        print(f"{EXECUTIONS:,} executions of about 1 KB; budget 200 MB")
        print(f"{'format':14} {'rows/s':>10} {'seconds':>8} {'file':>10} {'peak memory':>12}")
        for name in ("json", "jsonl", "csv", "parquet", "markdown", "openai-jsonl"):
            print(run(environment, "-m", "bench.export", "make", session_id, name))


def run(environment: dict[str, str], *words: str) -> str:
    """What a process of its own prints."""
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout.rstrip("\n")


def set_up() -> None:
    """Django, for a process of its own."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()


def fill(count: int, *, long_every: int = 0) -> UUID:
    """A session with so many executions; its id. Every `long_every`th has an answer of 20 KB, none where it is 0."""
    from django.db import connection
    from django.utils import timezone

    from accounts.models import User
    from foundation.sealing.encryption import keyring
    from sessions_app.models import PlaygroundSession

    user = User.objects.create_user(f"bench-{uuid4().hex[:8]}")
    session = PlaygroundSession.objects.create(user=user, name="Bench", execution_count=count)
    ring, begin = keyring(), timezone.now() - timedelta(days=30)
    metadata = '{"provider": "openai", "attempts": 1, "time_to_first_token": %.3f}'
    with connection.cursor() as cursor, cursor.copy(f"COPY prompt_executions ({COLUMNS}) FROM STDIN") as copy:
        for number in range(count):
            key, moment = uuid4(), begin + timedelta(seconds=20 * number)
            place = f"prompt_executions/{key}"
            request = ring.seal_json({"prompt": f"{number} {WORDS * 4}"}, place=f"{place}/request")
            times = 270 if long_every and number % long_every == 0 else 9
            answer = ring.seal_json({"response": f"{number} {WORDS * times}"}, place=f"{place}/answer")
            parameters = ring.seal_json({"temperature": 0.7}, place=f"{place}/parameters")
            status = "failed" if number % 50 == 0 else "completed"
            error_code = "timeout" if status == "failed" else ""
            copy.write_row(
                (
                    *(key, session.id, user.id, f"openai/model-{number % 5}", request, answer),
                    *(parameters, status, error_code, 80 + number % 7, 180 + number % 11),
                    *(0.0001 * (number % 13), round(0.4 + number % 1000 / 250, 3), metadata % (number % 900 / 1000)),
                    *(moment, moment, False, 4),
                )
            )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE prompt_executions")
    return session.id


def _make(session_id: UUID, format_name: str) -> None:
    from django.utils import timezone

    from history.artifacts.making import make
    from history.artifacts.ordering import order
    from history.export.selection import Selection
    from sessions_app.models import PlaygroundSession

    session = PlaygroundSession.objects.get(id=session_id)
    artifact = order(
        user=session.user, session=session, format_name=format_name, selection=Selection(), rows=session.execution_count
    )
    began = time.perf_counter()
    make(artifact.id)
    seconds = time.perf_counter() - began
    artifact.refresh_from_db()
    assert artifact.status == "completed", artifact.error
    assert artifact.expires_at > timezone.now()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{format_name:14} {artifact.rows_done / seconds:10,.0f} {seconds:8.1f} {artifact.size / 2**20:7.0f} MB "
        f"{peak:9.0f} MB"
    )


if __name__ == "__main__":
    main()
