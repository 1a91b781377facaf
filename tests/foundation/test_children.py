"""T46: each child of the service sees the variables that it needs, and no secret of the others."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from foundation.processes import BASIC, OF_PYTHON
from foundation.supervisor import programs
from tests.waiting import PATIENCE

SECRETS = {
    "OPENAI_API_KEY": "canary-openai",
    "ANTHROPIC_API_KEY": "canary-anthropic",
    "MINIO_SECRET_KEY": "canary-minio",
    "JWT_SECRET": "canary-jwt-0123456789012345678901234567890",
    "SECRET_KEY": "canary-key-0123456789012345678901234567890",
    "AWS_SECRET_ACCESS_KEY": "canary-aws",
    "COMPANY_TOKEN": "canary-of-nobody",
    "PGPASSWORD": "canary-pg",
}
KINDS = {
    "postgres": ("postgres",),
    "valkey": ("valkey",),
    "watchman": ("foundation.supervisor.watchman",),
    "web": ("uvicorn",),
    "beat": ("celery", " beat "),
    "worker": ("celery", " worker "),
}
SEEN = {
    "postgres": set(),
    "valkey": set(),
    "watchman": set(),
    "beat": {"JWT_SECRET", "SECRET_KEY"},
    "web": set(SECRETS) - {"COMPANY_TOKEN", "PGPASSWORD"},
    "worker": set(SECRETS) - {"COMPANY_TOKEN", "PGPASSWORD"},
}


def kind_of(command: list[str]) -> str:
    """Which child it is, or whose; "" for a passing one."""
    said = " ".join(command)
    return next((kind for kind, words in KINDS.items() if all(word in said for word in words)), "")


def environments(of: psutil.Process) -> dict[str, list[dict[str, str]]]:
    """By kind, what each child and grandchild of that kind sees.

    A fork of the service that has not yet become its program is the service itself, and sees what it sees.
    """
    found: dict[str, list[dict[str, str]]] = {}
    itself = of.cmdline()
    for child in of.children(recursive=True):
        try:
            before = child.cmdline()
            seen = Path(f"/proc/{child.pid}/environ").read_bytes().split(b"\0")
            command = child.cmdline()
        except (psutil.Error, OSError):
            continue  # It ended meanwhile.
        if command == before != itself:
            pairs = (entry.decode(errors="replace").partition("=") for entry in seen if entry)
            found.setdefault(kind_of(command), []).append({name: value for name, _, value in pairs})
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_t46_each_child_sees_what_it_needs_and_no_more(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    inherited = {name: os.environ[name] for name in (*BASIC, *OF_PYTHON) if name in os.environ}
    given = {**inherited, **SECRETS, "PLAYGROUND_DATA_DIR": str(tmp_path / "data"), "PORT": str(port)}
    with (tmp_path / "said").open("wb") as said:
        service = subprocess.Popen(programs.manage("serve"), env=given, stdout=said, stderr=subprocess.STDOUT)
    try:
        found: dict[str, list[dict[str, str]]] = {}
        passing: list[dict[str, str]] = []
        until = time.monotonic() + PATIENCE
        while not set(KINDS) <= set(found):
            assert service.poll() is None, (tmp_path / "said").read_text()
            assert time.monotonic() < until, (sorted(found), (tmp_path / "said").read_text())
            found = environments(psutil.Process(service.pid))
            passing += found.pop("", [])
            time.sleep(0.2)  # looking takes a while itself
    finally:
        service.send_signal(signal.SIGTERM)
        service.wait(PATIENCE)
    for kind, processes in found.items():
        for seen in processes:
            canaries = {name for name, value in seen.items() if "canary" in value}
            assert canaries == SEEN[kind], kind
            if not SEEN[kind]:
                assert set(seen) <= {*BASIC, *OF_PYTHON, "PG_GRANDPARENT_PID"}, kind
    assert passing
    for seen in passing:  # initdb, migrations, static files
        assert {name for name, value in seen.items() if "canary" in value} <= SEEN["beat"]
