"""How the answers of each variant lie: their scores, the time they took, and their length."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Count

from evaluation_app.figures.totals import Totals, variant_names
from evaluation_app.models import EvaluationSample, EvaluationTest, SampleState
from evaluation_app.statistics.histograms import of_amounts, of_shares

ANSWERED = (SampleState.PASSED, SampleState.FAILED, SampleState.UNSCORED, SampleState.SCORER_ERROR)


def distributions_of(test: EvaluationTest, totals: Totals) -> dict[str, dict[str, Any]]:
    """By variant: `score`, `latency` (seconds) and `length` (tokens), each a histogram with `of`, what it counts.

    Where scores are passes only, two bars would say no more than the rate: `score` is then how often each case passes.
    """
    names = list(totals)
    latencies = of_amounts([[value for case in totals[name] for value in case.latencies] for name in names])
    told = _lengths(test)
    lengths = of_amounts([told.get(name, []) for name in names], least_width=1.0)
    return {
        name: {
            "score": _score(totals[name]),
            "latency": {"of": "answers", **latency.as_json},
            "length": {"of": "answers", **length.as_json},
        }
        for name, latency, length in zip(names, latencies, lengths, strict=True)
    }


def _score(cases: Any) -> dict[str, Any]:
    if any(case.scores for case in cases):
        return {"of": "answers", **of_shares([value for case in cases for value in case.values]).as_json}
    rates = [case.pass_rate for case in cases if case.pass_rate is not None]
    return {"of": "cases", **of_shares(rates).as_json}


def _lengths(test: EvaluationTest) -> Mapping[str, list[float]]:
    """Tokens of each answer of whole cases, by variant: counted by the database, of which there may be very many."""
    names = variant_names(test)
    left_out = test.totals.filter(skipped__gt=0).values("case")
    rows = EvaluationSample.objects.filter(test=test, state__in=ANSWERED).exclude(case__in=left_out)
    counted = rows.values_list("variant_id", "completion_tokens").annotate(answers=Count("id")).order_by()
    found: dict[str, list[float]] = {}
    for variant_id, tokens, answers in counted:
        found.setdefault(names[variant_id], []).extend([float(tokens)] * answers)
    return found
