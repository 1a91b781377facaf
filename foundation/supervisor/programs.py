"""The command lines of what the supervisor runs."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Loggers of uvicorn pass their records on to Django's JSON lines.
UVICORN_LOGS = Path(__file__).with_name("uvicorn_logs.json")
APPLICATION = "config.asgi:application"
CLOCKED_HTTP = "foundation.http.clocks:ClockedProtocol"
CAPPED_DAPHNE = "foundation.http.capped_daphne"
GRACEFUL_SECONDS = 5
# Readers of a socket have nothing to say.
LARGEST_FRAME = 64 * 1024

Command = list[str]


def manage(*words: str) -> Command:
    """A `manage.py` command."""
    return [sys.executable, str(ROOT / "manage.py"), *words]


def web(server: str, descriptor: int) -> Command:
    """A web process that accepts on an inherited listening socket."""
    if server == "daphne":
        return [sys.executable, "-m", CAPPED_DAPHNE, "-v", "0", "--fd", str(descriptor), APPLICATION]
    command = [sys.executable, "-m", "uvicorn", APPLICATION, "--fd", str(descriptor), "--lifespan", "on"]
    command += ["--loop", "uvloop", "--http", CLOCKED_HTTP, "--ws", "websockets-sansio", "--no-access-log"]
    # foundation.http.forwarded reads what proxies say: uvicorn would believe whoever connects from this machine.
    command += ["--ws-max-size", str(LARGEST_FRAME), "--no-proxy-headers"]
    command += ["--log-level", "warning", "--log-config", str(UVICORN_LOGS)]
    return [*command, "--timeout-graceful-shutdown", str(GRACEFUL_SECONDS)]


def worker() -> Command:
    """The Celery worker; SIGQUIT gives its tasks a moment (worker_soft_shutdown_timeout), then ends them."""
    command = [*_celery(), "worker", "--pool", "prefork", "--concurrency", "2", "--loglevel", "WARNING"]
    return [*command, "--without-mingle", "--without-gossip"]


def beat(data_dir: Path) -> Command:
    """Celery's clock. No pid file: the data folder's lock keeps a second one away, and a stale file would too."""
    schedule = ["--schedule", str(data_dir / "celerybeat-schedule")]
    return [*_celery(), "beat", "--pidfile", "", "--loglevel", "WARNING", *schedule]


def _celery() -> Command:
    # In a container it is root: known, and said once too often.
    quiet = ["-W", "ignore::UserWarning:celery.platforms", "-W", "ignore::UserWarning:celery.apps.worker"]
    return [sys.executable, *quiet, "-m", "celery", "--quiet", "-A", "config"]
