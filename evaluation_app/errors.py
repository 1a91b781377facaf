"""What the Evaluation Engine refuses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evaluation_app.models import EvaluationTest
from foundation.problems import Problem


def refused(test: EvaluationTest, verb: str) -> Problem:
    """409: the test's state does not allow it."""
    return Problem(409, "test_state", f"The test is {test.status}: it cannot be {verb}.")


def in_use(standing: Sequence[str]) -> Problem:
    """409: the test is the ground of something; `standing` in words."""
    return Problem(409, "in_use", f"Something stands on this test: {', '.join(standing)}.")


def no_results(test: EvaluationTest) -> Problem:
    """409: what the test shows is asked for before it shows anything."""
    told = f"The test is {test.status}: it has no results to report yet. json, csv and parquet give what is there."
    return Problem(409, "test_state", told)


def no_baseline_yet(test: EvaluationTest) -> Problem:
    """409: a test that is no measure yet."""
    told = f"The test is {test.status}: only a completed test can be a baseline."
    return Problem(409, "test_state", told)


def gate_running(sentence: str, **told: Any) -> Problem:
    """409: the gate's tests are under way; the move is asked for again when they are through."""
    return Problem(409, "gate_running", sentence, headers={"Retry-After": "5"}, **told)


def gate_failed(sentence: str, **told: Any) -> Problem:
    """409: the gate refuses, with what it found."""
    return Problem(409, "gate_failed", sentence, **told)
