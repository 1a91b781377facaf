"""What the Evaluation Engine refuses."""

from __future__ import annotations

from evaluation_app.models import EvaluationTest
from foundation.problems import Problem


def refused(test: EvaluationTest, verb: str) -> Problem:
    """409: the test's state does not allow it."""
    return Problem(409, "test_state", f"The test is {test.status}: it cannot be {verb}.")


def no_results(test: EvaluationTest) -> Problem:
    """409: what the test shows is asked for before it shows anything."""
    told = f"The test is {test.status}: it has no results to report yet. json, csv and parquet give what is there."
    return Problem(409, "test_state", told)
