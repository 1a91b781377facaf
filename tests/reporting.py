"""What a run tells beside pytest's own summary: what failed, at once; why set-ups failed, in whole sentences; and where
time went.

The outcome stands in pytest's cache as `run/outcome`, for whoever tries again what failed.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

import pytest

OUTCOME = "run/outcome"
SPENT = pytest.StashKey[dict[str, float]]()
TOLD_AT_ONCE: Final = 20
"""Failures that are told when they happen: a run of a quarter of an hour may be stopped before its summary."""


def pytest_configure(config: pytest.Config) -> None:
    """Nothing is spent yet."""
    config.stash[SPENT] = spent = defaultdict[str, float](float)
    config.pluginmanager.register(_Clock(spent))
    config.pluginmanager.register(_Teller(config))


class _Clock:
    """Adds up what set-up, test and teardown took, by folder."""

    def __init__(self, spent: defaultdict[str, float]) -> None:
        self._spent = spent

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Called for each of the three."""
        folder = report.nodeid.partition("::")[0].rpartition("/")[0]
        self._spent[folder] += report.duration


class _Teller:
    """Names what failed as soon as it has, with the error's own lines."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._left = TOLD_AT_ONCE

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Called for each part of a test, of whichever process."""
        reporter = self._config.pluginmanager.getplugin("terminalreporter")
        if not report.failed or not self._left or not reporter:  # one of xdist's processes writes nothing itself
            return
        self._left -= 1
        reporter.write("\n")
        reporter.write_line(f"{report.nodeid} failed ({report.when}):", red=True)
        lines = report.longreprtext.splitlines()
        for line in [line for line in lines if line.startswith("E ")] or lines[:1]:
            reporter.write_line(line)


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
