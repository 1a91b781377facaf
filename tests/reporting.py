"""What the end of a run tells beside pytest's own summary: why set-ups failed, in whole sentences, and where time went.

The outcome stands in pytest's cache as `run/outcome`, for whoever tries again what failed.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

OUTCOME = "run/outcome"
SPENT = pytest.StashKey[dict[str, float]]()


def pytest_configure(config: pytest.Config) -> None:
    """Nothing is spent yet."""
    config.stash[SPENT] = spent = defaultdict[str, float](float)
    config.pluginmanager.register(_Clock(spent))


class _Clock:
    """Adds up what set-up, test and teardown took, by folder."""

    def __init__(self, spent: defaultdict[str, float]) -> None:
        self._spent = spent

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Called for each of the three."""
        folder = report.nodeid.partition("::")[0].rpartition("/")[0]
        self._spent[folder] += report.duration


def pytest_terminal_summary(terminalreporter: Any, exitstatus: int, config: pytest.Config) -> None:
    """Writes both parts and keeps the outcome."""
    reports = {kind: terminalreporter.stats.get(kind, []) for kind in ("failed", "error")}
    _write_reasons(terminalreporter, reports["error"])
    if not config.option.collectonly:
        _write_times(terminalreporter, config.stash[SPENT])
    failed = sorted({report.nodeid for kind in reports.values() for report in kind})
    if cache := getattr(config, "cache", None):  # none under `-p no:cacheprovider`
        cache.set(OUTCOME, {"exit_status": int(exitstatus), "failed": failed})


def _write_reasons(terminalreporter: Any, errors: list[Any]) -> None:
    by_reason = defaultdict[str, list[str]](list)
    for report in errors:
        crash = getattr(report.longrepr, "reprcrash", None)
        by_reason[crash.message if crash else str(report.longrepr)].append(report.nodeid)
    if by_reason:
        terminalreporter.section("why tests could not be set up or put back")
    for reason, names in by_reason.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        terminalreporter.write_line(f"{names[0]}{more}:")
        terminalreporter.write_line(f"  {reason}")


def _write_times(terminalreporter: Any, spent: dict[str, float]) -> None:
    terminalreporter.section("time by folder")
    for folder, seconds in sorted(spent.items(), key=lambda item: -item[1]):
        terminalreporter.write_line(f"{seconds:7.1f} s  {folder}")
