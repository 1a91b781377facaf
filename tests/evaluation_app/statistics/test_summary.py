"""All figures of a variant: what they are, that errors are in none of them, and that no order changes a bit."""

from __future__ import annotations

import json
import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation_app.statistics.cases import CaseTotal
from evaluation_app.statistics.figures import Missing
from evaluation_app.statistics.summary import summarise

CASES = [
    CaseTotal("a", 4, 4, latencies=(1.0, 2.0, 3.0, 4.0), cost=Decimal("0.40"), answers=(4,), meanings=(4,)),
    CaseTotal("b", 4, 2, latencies=(1.0, 1.0, 1.0, 9.0), cost=Decimal("0.40"), answers=(2, 2), meanings=(2, 2)),
    CaseTotal("c", 4, 0, errors=1, latencies=(2.0,) * 4, cost=Decimal("0.10"), answers=(1, 1, 2), meanings=(4,)),
]


def test_the_figures_of_a_variant() -> None:
    figures = summarise(CASES, seed=1).as_json
    assert figures["success_rate"] == 0.5
    assert figures["success_rate_interval"] == {
        "low": pytest.approx(0.040724, abs=1e-6),
        "high": pytest.approx(0.959276, abs=1e-6),
        "confidence": 0.95,
        "method": "wilson_shrunk_icc_t",
    }
    assert figures["average_score"] == 0.5
    assert figures["score_standard_error"] == pytest.approx(0.288675, abs=1e-6)
    assert figures["consistency"] == pytest.approx((1 + 1 / 3 + 1 / 6) / 3)
    assert figures["entropy_nats"] == pytest.approx(0.693147 / 3, abs=1e-6)
    assert figures["entropy_bias"] == "biased low for few runs"
    assert figures["figures"]["success_rate"]["weighting"] == "samples"
    assert figures["figures"]["consistency"]["weighting"] == "cases"
    assert figures["pass_at_k"] == {"1": 0.5, "2": pytest.approx((1 + 5 / 6) / 3), "3": pytest.approx(2 / 3)}
    assert figures["pass_hat_k"] == {"1": 0.5, "2": pytest.approx((1 + 1 / 6) / 3), "3": pytest.approx(1 / 3)}
    assert figures["flaky_cases"] == ["b"]
    assert (figures["total_runs"], figures["completed_runs"], figures["failed_runs"]) == (13, 12, 1)
    assert figures["errors"]["is_told"] is True
    assert (figures["latency"]["p50"], figures["latency"]["p95"]) == (2.0, pytest.approx(6.25))
    assert figures["cost_per_success"] == 0.15
    assert figures["figures"]["success_rate"]["estimand"] == "cases like these"
    assert (figures["figures"]["success_rate"]["n"], figures["figures"]["success_rate"]["cases"]) == (12, 3)
    assert json.loads(json.dumps(figures)) == figures


def test_the_figures_of_a_case_speak_of_it_alone() -> None:
    case = summarise(CASES, seed=1).as_json["cases"][1]
    assert (case["case"], case["success_rate"], case["is_flaky"]) == ("b", 0.5, True)
    assert case["success_rate_interval"]["method"] == "wilson"
    assert case["pass_hat_k"] == {"1": 0.5, "2": pytest.approx(1 / 6), "3": 0.0}
    assert case["consistency"] == pytest.approx(1 / 3)
    assert case["latency"] == {"p50": 1.0, "p95": pytest.approx(7.8), "p99": pytest.approx(8.76)}
    assert case["cost_per_success"] == 0.2


def test_errors_change_no_rate() -> None:
    without = [CaseTotal(case.case, case.scored, case.passed) for case in CASES]
    with_errors = [CaseTotal(case.case, case.scored, case.passed, errors=50) for case in CASES]
    ours, theirs = summarise(without, seed=1), summarise([*with_errors, CaseTotal("d", 0, 0, errors=9)], seed=1)
    assert (ours.success, ours.score, ours.pass_hat_k) == (theirs.success, theirs.score, theirs.pass_hat_k)
    assert theirs.as_json["failed_runs"] == 159


def test_nothing_scored_is_null_everywhere() -> None:
    figures = summarise([CaseTotal("a", 0, 0, errors=2, cost=Decimal("0.01"))], seed=1).as_json
    for name in ("success_rate", "success_rate_interval", "average_score", "score_standard_error", "consistency"):
        assert figures[name] is None
    assert (figures["cost_per_success"], figures["cost_per_success_reason"]) == (None, Missing.NO_SUCCESS)
    assert figures["pass_at_k"] == {}
    assert figures["cases"][0]["success_rate"] is None
    assert summarise([], seed=1).as_json["success_rate"] is None


def test_an_unknown_price_makes_the_cost_unknown() -> None:
    figures = summarise([*CASES, CaseTotal("d", 1, 1)], seed=1).as_json
    assert (figures["cost"], figures["cost_per_success_reason"]) == (None, Missing.NO_COST)


def test_scores_have_their_own_interval_and_passes_that_of_the_rate() -> None:
    passes = summarise(CASES, seed=1)
    assert passes.score.interval == passes.success.interval
    scored = summarise([CaseTotal(f"{i}", 2, 1, scores=(0.2 + i / 20, 0.9)) for i in range(10)], seed=1)
    assert scored.score.method == "wilson_of_scores_t"
    assert scored.score.value == pytest.approx(0.6625)


def test_pass_hat_k_leaves_out_cases_with_fewer_runs_and_tells_how_many_it_speaks_of() -> None:
    totals = [CaseTotal(f"{i}", 10 if i else 9, 9) for i in range(8)]
    figure = summarise(totals, seed=1).pass_hat_k[10]
    assert (figure.value, figure.cases) == (0.0, 7)
    assert list(summarise(totals, seed=1).pass_at_k) == [1, 2, 3, 5, 10]


def test_cases_of_a_cluster_are_not_independent() -> None:
    alone = summarise([CaseTotal(f"{i}", 1, i % 2) for i in range(20)], seed=1).success
    together = summarise([CaseTotal(f"{i}", 1, i % 2, cluster=f"{i % 4}") for i in range(20)], seed=1).success
    assert (alone.cases, together.cases, together.n) == (20, 4, 20)
    assert alone.interval is not None
    assert together.interval is not None
    assert together.interval.low < alone.interval.low


totals = st.builds(
    lambda n, share, scores, seconds, cluster: (n, round(n * share), tuple(scores[:n]), tuple(seconds), cluster),
    st.integers(0, 5),
    st.floats(0, 1),
    st.lists(st.floats(0, 1), min_size=5, max_size=5),
    st.lists(st.floats(0, 100), max_size=4),
    st.sampled_from([None, None, "p", "q"]),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(totals, max_size=30), st.randoms(use_true_random=False))
def test_no_order_changes_a_bit(rows: list, shuffler: random.Random) -> None:
    cases = [
        CaseTotal(f"{i}", n, passed, scores, latencies=seconds, cluster=cluster)
        for i, (n, passed, scores, seconds, cluster) in enumerate(rows)
    ]
    again = [
        CaseTotal(
            case.case,
            case.scored,
            case.passed,
            tuple(shuffler.sample(case.scores, len(case.scores))),
            latencies=tuple(shuffler.sample(case.latencies, len(case.latencies))),
            cluster=case.cluster,
        )
        for case in shuffler.sample(cases, len(cases))
    ]
    assert summarise(again, seed=4).as_json == summarise(cases, seed=4).as_json


def test_a_quantile_has_an_interval_where_enough_lies_beyond_it() -> None:
    waited = [CaseTotal(f"{i:03}", 1, 1, latencies=(float(i),)) for i in range(100)]
    told = summarise(waited, seed=1).latency
    assert {name: figure.interval is not None for name, figure in told.items()} == {
        "p50": True,
        "p95": True,
        "p99": False,
    }
    assert told["p99"].reason == Missing.TOO_FEW_CASES
    assert summarise(waited[:99], seed=1).latency["p95"].interval is None
