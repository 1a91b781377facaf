"""Judges: a model's opinion holds a label back only where it was measured against people's."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Final

from evaluation_app.models import EvaluationTest

JUDGES: Final = frozenset({"llm_judge", "pairwise_judge"})
"""Scorers that ask a model what it thinks."""


def uncalibrated(test: EvaluationTest) -> list[str]:
    """Judges that must pass in a test and may not gate, by name."""
    required = {
        each["scorer"] for case in test.cases.all() for each in case.scorers if each.get("required", True)
    } & JUDGES
    return [] if not required or _may_gate(test) else sorted(required)


def _may_gate(test: EvaluationTest) -> bool:
    """Whether the judges of a test are calibrated: `evaluation_app.judging` knows; without it, none is."""
    if find_spec("evaluation_app.judging") is None:
        return False
    may_gate = getattr(import_module("evaluation_app.judging"), "may_gate", None)
    return may_gate is not None and bool(may_gate(test))
