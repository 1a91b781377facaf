"""`manage.py check_scorers FILE`: runs reference cases of scorers, a JSON list of
`{scorer, params, output, expected_pass | expected_value (± tolerance) | expected_error, note?}`.

A case may also bring `expected`, `tool_calls`, `latency`, `cost`, `schema_valid` and `variables`, at its top or in
`case`; other keys are left out of account. `expected_error` is true, or a part of the error's field, code or sentence.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from evaluation_app.scorers.errors import InvalidScorer, ScorerError
from evaluation_app.scorers.sample import Score
from evaluation_app.scorers.trying import FACTS, tried

TOLERANCE: Final = 1e-6
_WANTED: Final = ("expected_pass", "expected_value", "expected_error")


class Command(BaseCommand):
    """Prints a line a case and `N passed, M failed`; exits 1 when one failed or names no scorer."""

    help = "Runs reference cases of scorers (a JSON list) against the scorers that evaluations use."

    def add_arguments(self, parser: CommandParser) -> None:
        """The file."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Runs and tells."""
        cases = _read(options["file"])
        failed = 0
        for number, case in enumerate(cases, 1):
            fault = _fault(case)
            failed += bool(fault)
            name, note = (case.get("scorer"), case.get("note") or "") if isinstance(case, dict) else ("?", "")
            self.stdout.write(" ".join(f"{'FAILED' if fault else 'passed'} {number} {name} {note} {fault}".split()))
        self.stdout.write(f"{len(cases) - failed} passed, {failed} failed")
        if failed:
            sys.exit(1)


def _read(file: Path) -> list[Any]:
    try:
        cases = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise CommandError(f"{file} cannot be read: {error}") from None
    if not isinstance(cases, list):
        raise CommandError(f"{file} holds no JSON list.")
    return cases


def _fault(case: Any) -> str:
    """What is not as expected; empty when all is."""
    if not isinstance(case, Mapping):
        return "(no object)"
    if not any(name in case for name in _WANTED):
        return f"(expects nothing: {', '.join(_WANTED)})"
    inner = case.get("case")
    known = {**inner, **case} if isinstance(inner, Mapping) else case
    facts = {name: known[name] for name in FACTS if name in known}
    try:
        score = tried(scorer=case.get("scorer"), params=case.get("params"), output=case.get("output"), case=facts)
    except InvalidScorer as error:
        return _unlike_error(case, f"{error.field}: {error}")
    except ScorerError as error:
        return _unlike_error(case, f"{error.code}: {error}")
    return _unlike(case, score)


def _unlike_error(case: Mapping[str, Any], told: str) -> str:
    wanted = case.get("expected_error")
    if wanted is True or (isinstance(wanted, str) and wanted.casefold() in told.casefold()):
        return ""
    return f"({told})"


def _unlike(case: Mapping[str, Any], score: Score) -> str:
    told = f"(value {score.value}, passed {score.passed}: {score.reason})"
    if case.get("expected_error"):
        return told
    if "expected_pass" in case and score.passed is not case["expected_pass"]:
        return told
    if "expected_value" in case and not _is_near(score.value, case["expected_value"], case.get("tolerance", TOLERANCE)):
        return told
    return ""


def _is_near(value: float | None, wanted: Any, tolerance: Any) -> bool:
    numbers = [each for each in (wanted, tolerance) if isinstance(each, int | float) and not isinstance(each, bool)]
    if value is None or len(numbers) < 2:
        return value is None and wanted is None
    return bool(abs(value - wanted) <= tolerance)
