"""Runs what failed once more, alone, and says at the end which tests needed it.

Tests with clocks, kills and a browser meet a busy machine now and then: a few may try again. A run that did not come
to its end, or in which many failed, is no such case.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

OUTCOME = Path(".pytest_cache/v/run/outcome")
"""Written by tests/reporting.py."""
TESTS_FAILED = 1
MOST = 8


def failed_tests() -> list[str]:
    """Those of the run that just ended; ends this program when they may not try again."""
    try:
        outcome = json.loads(OUTCOME.read_text())
    except FileNotFoundError:
        sys.exit("No second try: the tests did not come to an end.")
    names: list[str] = outcome["failed"]
    if outcome["exit_status"] != TESTS_FAILED or not names:
        sys.exit(f"No second try: the tests ended early (pytest's exit status {outcome['exit_status']}).")
    if any("::" not in name for name in names):
        sys.exit("No second try: not all tests could be collected, or not by every process alike.")
    if len(names) > MOST:
        sys.exit(f"No second try: {len(names)} tests failed.")
    return names


def main() -> None:
    """The second try's exit code is this program's."""
    names = failed_tests()
    print(f"\nSecond try for {len(names)}, alone.", flush=True)
    code = subprocess.call(["make", "test", "ARGS=-n 0 --last-failed"])
    print(f"\n{len(names)} needed a second try{'' if code == 0 else ' and not all passed it'}:")
    print(*(f"  {name}" for name in names), sep="\n")
    sys.exit(code)


main()
