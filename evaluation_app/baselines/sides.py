"""One variant of a test as it is compared with one of another test: its cases, told apart by what they ask."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import orjson

from evaluation_app.figures.totals import names_of, variant_names, whole_cases
from evaluation_app.models import EvaluationTest, EvaluationVariant
from evaluation_app.statistics.cases import CaseTotal


@dataclass(frozen=True, slots=True)
class Side:
    """The whole cases of a variant by their keys, each with the hash of its input, expectation, scorers and cluster."""

    test: EvaluationTest
    variant: EvaluationVariant
    cases: dict[str, CaseTotal]
    asks: dict[str, str]

    @property
    def is_repeated(self) -> bool:
        """Whether every scored case has two scored runs or more."""
        scored = [case.scored for case in self.cases.values() if case.scored]
        return bool(scored) and min(scored) > 1


def sides_of(test: EvaluationTest) -> list[Side]:
    """A side a variant, in their order."""
    totals, names, asks = whole_cases(test), variant_names(test), asks_of(test)
    variants = test.variants.order_by("position")
    return [Side(test, each, {case.case: case for case in totals[names[each.id]]}, asks) for each in variants]


def asks_of(test: EvaluationTest) -> dict[str, str]:
    """By the case's key, what is the same in two tests where the same was asked and judged in the same way."""
    keys = names_of(test)
    return {keys[case.position]: _ask(case) for case in test.cases.all()}


def _ask(case: object) -> str:
    told = [getattr(case, name) for name in ("input", "expected", "scorers", "cluster")]
    return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()
