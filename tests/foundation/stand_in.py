"""A service small enough to start in a tenth of a second, run by the real supervisor.

`python -m tests.foundation.stand_in DATA_DIR PORT [--servers] [--stubborn]`: the web answers /health/live; a stubborn
worker starts a child that ignores polite signals, as Celery's pool and servers started on demand may.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from foundation.servers.folder import CannotStart
from foundation.servers.postgres import Postgres
from foundation.servers.server import Interrupted
from foundation.servers.valkey import Valkey
from foundation.supervisor.stopping import StopRequest
from foundation.supervisor.supervisor import Plan, Supervisor

ME = [sys.executable, "-m", "tests.foundation.stand_in"]
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answers every request."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(scope["client"]).encode()})


def web(descriptor: int) -> list[str]:
    """The web's command line."""
    command = [sys.executable, "-m", "uvicorn", "tests.foundation.stand_in:application", "--fd", str(descriptor)]
    return [*command, "--lifespan", "off", "--log-level", "warning", "--loop", "uvloop"]


def work(*, stubborn: bool) -> None:
    """A worker; a stubborn one has a pool child in a process group of its own."""
    if stubborn:
        subprocess.Popen([sys.executable, "-c", STUBBORN], process_group=0)
    time.sleep(600)


def serve(data_dir: Path, port: int, options: set[str]) -> int:
    """Runs the supervisor."""
    plan = Plan(
        data_dir=data_dir,
        host="127.0.0.1",
        port=port,
        web_processes=1,
        web=web,
        servers=[Postgres, Valkey] if "--servers" in options else [],
        background=[("worker", [*ME, "work", *options & {"--stubborn"}], signal.SIGTERM)],
    )
    try:
        return Supervisor(plan, StopRequest(with_parent="--stop-with-parent" in options)).run()
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 1
    except Interrupted:
        return 0


if __name__ == "__main__":
    if sys.argv[1] == "work":
        work(stubborn="--stubborn" in sys.argv)
    else:
        raise SystemExit(serve(Path(sys.argv[1]), int(sys.argv[2]), set(sys.argv[3:])))
