"""`manage.py check_scorers`: the reference cases hold, and what does not hold is told."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

REFERENCE = Path(__file__).with_name("reference_cases.json")


def check(file: Path) -> tuple[int, list[str]]:
    """Exit code and lines."""
    out, code = io.StringIO(), 0
    try:
        call_command("check_scorers", str(file), stdout=out)
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, out.getvalue().splitlines()


@pytest.fixture
def check_cases(tmp_path: Path):
    def run(*cases: Any) -> tuple[int, list[str]]:
        file = tmp_path / "cases.json"
        file.write_text(json.dumps(cases))
        return check(file)

    return run


def test_every_reference_case_passes() -> None:
    cases = json.loads(REFERENCE.read_text())
    code, lines = check(REFERENCE)
    assert [line for line in lines if not line.startswith("passed")] == [f"{len(cases)} passed, 0 failed"]
    assert (code, len(lines)) == (0, len(cases) + 1)


HELLO = {"scorer": "exact", "params": {"value": "hello"}, "output": "hello"}


@pytest.mark.parametrize(
    "case",
    [
        HELLO | {"expected_pass": True, "unknown key": 1},
        HELLO | {"expected_value": 1},
        HELLO | {"expected_pass": True, "expected_value": 0.99, "tolerance": 0.02},
        {"scorer": "similarity", "params": {"value": "abcd"}, "output": "abce", "expected_value": 0.75},
        {"scorer": "cost", "params": {"max_cost": 1}, "output": "", "expected_value": None, "expected_pass": False},
        {"scorer": "latency", "params": {"max_seconds": 1}, "output": "", "latency": 0.5, "expected_pass": True},
        {"scorer": "exact", "output": "Paris", "expected": "Paris", "expected_pass": True},
        {"scorer": "exact", "output": "Paris", "case": {"expected": "Paris", "x": 1}, "expected_pass": True},
        {"scorer": "exact", "output": "Paris", "expected_error": "params.value"},
        {"scorer": "regex", "params": {"pattern": "a(?=b)"}, "output": "ab", "expected_error": "character 2"},
        {"scorer": "nope", "output": "", "expected_error": True},
        {"scorer": "exact", "params": {"value": "a"}, "output": "\ud800", "expected_error": "scorer_refused"},
    ],
)
def test_a_case_that_holds(check_cases: Any, case: dict[str, Any]) -> None:
    code, lines = check_cases(case)
    assert (code, lines[-1]) == (0, "1 passed, 0 failed"), lines


@pytest.mark.parametrize(
    "case",
    [
        HELLO | {"expected_pass": False},
        HELLO | {"expected_value": 0.5},
        HELLO | {"expected_value": None},
        HELLO | {"expected_error": True},
        HELLO,
        HELLO | {"scorer": "nope", "expected_pass": True},
        HELLO | {"params": {"value": 3}, "expected_pass": False},
        HELLO | {"output": None, "expected_pass": False},
        {"scorer": "cost", "params": {"max_cost": 1}, "output": "", "expected_value": 0},
        {"scorer": "regex", "params": {"pattern": "("}, "output": "", "expected_error": "look-ahead"},
        "no case",
    ],
)
def test_a_case_that_does_not_hold_is_counted_and_the_exit_code_says_so(check_cases: Any, case: Any) -> None:
    code, lines = check_cases(case, HELLO | {"expected_pass": True})
    assert (code, lines[-1]) == (1, "1 passed, 1 failed"), lines
    assert lines[0].startswith("FAILED 1")


@pytest.mark.parametrize("text", ["{", "{}", "3", ""])
def test_a_file_that_is_no_list_is_an_error(tmp_path: Path, text: str) -> None:
    file = tmp_path / "cases.json"
    file.write_text(text)
    with pytest.raises(CommandError):
        check(file)
    with pytest.raises(CommandError):
        check(tmp_path / "nowhere.json")
