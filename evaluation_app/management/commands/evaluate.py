"""`manage.py evaluate SUITE`: runs a suite for a pipeline, and says by its exit code whether the version may go out."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.core.management.base import BaseCommand, CommandParser
from django.db.models import Q

from evaluation_app.models import EvaluationTest, RunStatus, Suite, SuiteRun, Why
from evaluation_app.suites.report import junit, markdown
from evaluation_app.suites.running import begin, look_at, version_on_trial
from foundation.problems import Problem

LOOK_EVERY: Final = 0.5
"""Seconds between two looks."""
PASSED, FAILED, NOT_RUN = 0, 1, 2


class Command(BaseCommand):
    """Exit code 0: it passed; 1: a regression or a failure; 2: it could not be run or judged."""

    help = __doc__ or ""
    requires_system_checks = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Without Django's own --version: here it is the template's."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which suite, on what, and where its reports go."""
        parser.add_argument("suite", help="its id, or its name where only one has it")
        parser.add_argument("--version", dest="number", type=int, help="of the template; the present one if left out")
        parser.add_argument(
            "--fail-on-regression",
            action="store_true",
            help="exit with 1 for a regression too, which is else only told",
        )
        parser.add_argument("--junit", type=Path, metavar="FILE", help="JUnit XML, a test suite a variant")
        parser.add_argument("--markdown", type=Path, metavar="FILE", help="a report fit for a pull request")
        parser.add_argument("--timeout", type=float, default=3_600.0, help="seconds to wait; 3600 if left out")

    def handle(self, *args: Any, **options: Any) -> None:
        """Begins, waits, tells, ends with the code."""
        sys.exit(self._code(options))

    def _code(self, options: dict[str, Any]) -> int:
        try:
            suite = _found(options["suite"])
            run = begin(suite, version_on_trial(suite, options["number"]), why=Why.COMMAND)
        except (LookupError, Problem) as error:
            self.stderr.write(f"The suite cannot be run: {getattr(error, 'detail', '') or error}")
            return NOT_RUN
        version = f" on version {run.version.number}" if run.version else ""
        self.stdout.write(f"“{suite.name}” runs{version}.")
        ended = _ended(run.id, until=time.monotonic() + options["timeout"])
        if ended is None:
            message = f"It did not end within {options['timeout']:g} seconds, or was deleted. Is a worker running?"
            self.stderr.write(message)
            return NOT_RUN
        self._tell(ended)
        try:
            self._write(ended, options)
        except OSError as error:
            self.stderr.write(f"A report cannot be written: {error}")
            return NOT_RUN
        return _code_of(ended, fails_on_regression=options["fail_on_regression"])

    def _tell(self, run: SuiteRun) -> None:
        verdict = run.verdict or {}
        for line in verdict.get("tests", []):
            word = {"passed": "passed    ", "failed": "FAILED    ", "not_judged": "NOT JUDGED"}[line["status"]]
            name = line["test"] if line["variant"] in ("", line["test"]) else f"{line['test']}, {line['variant']}"
            self.stdout.write(f"{word}  {name}: {line['sentence']}")
        if not verdict.get("tests"):
            self.stdout.write(f"NOT JUDGED  {verdict.get('sentence', '')}")

    def _write(self, run: SuiteRun, options: dict[str, Any]) -> None:
        tests = [place.test for place in run.tests.select_related("test").order_by("position")]
        reported: list[EvaluationTest] = [test for test in tests if test.results]
        for file, write in ((options["junit"], junit), (options["markdown"], markdown)):
            if file is not None:
                with file.open("wb") as target:
                    target.writelines(write(run, reported))


def _found(text: str) -> Suite:
    """The suite of that id or name; LookupError says which it cannot be."""
    try:
        wanted = Q(id=UUID(text)) | Q(name=text)
    except ValueError:
        wanted = Q(name=text)
    found = list(Suite.objects.filter(wanted).select_related("user", "template")[:2])
    if not found:
        raise LookupError(f"there is no suite {text!r}.")
    if len(found) > 1:
        raise LookupError(f"there are several suites called {text!r}: name one by its id.")
    return found[0]


def _ended(run_id: UUID, *, until: float) -> SuiteRun | None:
    """The run once it has ended; None where it has not in time, or is gone."""
    while True:
        # A worker judges it when its last test ends; who waits for it looks too.
        look_at(run_id)
        run = SuiteRun.objects.select_related("version", "suite").filter(id=run_id).first()
        if run is None or not run.is_open:
            return run
        if time.monotonic() >= until:
            return None
        time.sleep(LOOK_EVERY)


def _code_of(run: SuiteRun, *, fails_on_regression: bool) -> int:
    if run.status == RunStatus.PASSED:
        return PASSED
    if run.status == RunStatus.NOT_JUDGED:
        return NOT_RUN
    lines = (run.verdict or {}).get("tests", [])
    is_worse_only = all(line["is_regression"] for line in lines if line["status"] == "failed")
    return PASSED if is_worse_only and not fails_on_regression else FAILED
