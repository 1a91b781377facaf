"""Whether a test's judges are good enough to hold a label back."""

from __future__ import annotations

from evaluation_app.judges.agreement import State, agreement_of
from evaluation_app.judges.verdicts import judges_of
from evaluation_app.models import EvaluationTest


def unfit_judges(test: EvaluationTest) -> list[str]:
    """A sentence for each judge that passing depends on and people have not confirmed; empty: the test may gate."""
    told = []
    for judge in judges_of(test.policy):
        if not judge.is_required:
            continue
        agreement = agreement_of(test, judge)
        if agreement.state == State.UNCALIBRATED:
            told.append(f"{judge.model_id} judges, and has not been measured against people.")
        elif agreement.state == State.WEAK:
            told.append(f"{judge.model_id} judges, and does not surely agree with people ({agreement.labels} labels).")
    return told
