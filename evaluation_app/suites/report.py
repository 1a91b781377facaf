"""A run of a suite as a file: for a build server, and for a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from evaluation_app.export import junit as junit_format
from evaluation_app.export import markdown as markdown_format
from evaluation_app.export.junit import Verdict
from evaluation_app.export.outcomes import Kind
from evaluation_app.models import EvaluationTest, SuiteRun

KINDS: Final = {"passed": Kind.PASSED, "failed": Kind.FAILED, "not_judged": Kind.ERRORED}


def junit(run: SuiteRun, tests: Sequence[EvaluationTest]) -> Iterator[bytes]:
    """JUnit XML: every case of every test, and the verdict of each test."""
    lines = _lines(run)
    told = [Verdict(_name(line), KINDS[line["status"]], line["sentence"]) for line in lines]
    if not lines:
        told = [Verdict(run.suite.name, Kind.ERRORED, (run.verdict or {}).get("sentence", ""))]
    yield from junit_format.document(run.suite.name, tests, told)


def markdown(run: SuiteRun, tests: Sequence[EvaluationTest]) -> Iterator[bytes]:
    """Verdicts first, then the report of each test, in no more than a forge takes for a comment."""
    version = f", version {run.version.number}" if run.version else ""
    title = f"{run.suite.name}{version}: {run.get_status_display().lower()}"
    said = [f"{_name(line)}: {line['sentence']}" for line in _lines(run)] or [(run.verdict or {}).get("sentence", "")]
    head = markdown_format.headed(title, said)
    yield head.encode()
    room = (markdown_format.LARGEST - len(head)) // max(1, len(tests))
    for test in tests:
        yield b"\n" + markdown_format.report_of(test, room=room).encode()


def _lines(run: SuiteRun) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = (run.verdict or {}).get("tests", [])
    return lines


def _name(line: dict[str, Any]) -> str:
    return line["test"] if line["variant"] in ("", line["test"]) else f"{line['test']}, {line['variant']}"
