"""`manage.py check_statistics FILE`: holds the statistics against reference cases, yours or the suite's."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from evaluation_app.statistics.reference.checking import check


class Command(BaseCommand):
    """Runs a JSON list of `{stat, input, expected, tolerance, source}` and prints a line a case; 1 where one fails."""

    help = __doc__ or ""
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file of cases."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Checks, prints, counts."""
        checked = [check(case) for case in self._cases(options["file"])]
        for one in checked:
            self.stdout.write(f"passed  {one.name}" if one.passed else f"FAILED  {one.name}: {one.why}")
        failed = sum(not one.passed for one in checked)
        self.stdout.write(f"{len(checked) - failed} passed, {failed} failed")
        if failed:
            sys.exit(1)

    def _cases(self, file: Path) -> list[Any]:
        try:
            cases = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CommandError(f"{file} cannot be read: {error}") from error
        if not isinstance(cases, list):
            raise CommandError(f"{file} holds no list of cases.")
        return cases
