"""Comparisons: no verdict on nothing, the same figures in any order, and words that say what was shown."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import asdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation_app.statistics.cases import CaseTotal
from evaluation_app.statistics.comparing import Comparison, compare_variants
from evaluation_app.statistics.errors import InvalidArgument
from evaluation_app.statistics.figures import Estimand
from evaluation_app.statistics.pairing import Measure
from evaluation_app.statistics.verdicts import Outcome, in_points
from tests.evaluation_app.statistics.simulating import null_comparisons

SHOWN = (Outcome.A_BETTER, Outcome.B_BETTER)


def cases(passed: Sequence[int], n: int = 1, clusters: Sequence[str | None] | None = None) -> list[CaseTotal]:
    """Cases named by their place, each with so many passes in n runs."""
    of = clusters or [None] * len(passed)
    return [CaseTotal(f"{i:03}", n, c, cluster=of[i]) for i, c in enumerate(passed)]


def one(a: list[CaseTotal], b: list[CaseTotal], **options: object) -> Comparison:
    """The single comparison of two variants."""
    (found,) = compare_variants({"A": a, "B": b}, seed=1, **options)  # type: ignore[arg-type]
    return found


def false_verdicts(repetitions: int, sizes: Sequence[int], runs: Sequence[int]) -> int:
    """How many of so many tests of equal variants gave any verdict."""
    tests = [
        test
        for seed, size in enumerate(sizes)
        for test in null_comparisons(repetitions // len(sizes), size, runs, rate=0.8, seed=seed)
    ]
    assert len(tests) == repetitions
    return sum(any(comparison.outcome in SHOWN for comparison in test) for test in tests)


def test_equal_variants_are_told_apart_in_one_of_twenty_tests_at_most() -> None:
    """2,000 tests of three equal variants, Holm over two comparisons: ties, unequal runs, few and many cases."""
    few = sum(false_verdicts(600, (6, 10, 16), runs) for runs in ((1, 1, 1), (0, 0, 0), (1, 10, 10)))
    many = sum(false_verdicts(100, (40,), runs) for runs in ((3, 3, 3), (0, 0, 0)))
    assert few + many <= 0.05 * 2_000 + 2.33 * math.sqrt(0.05 * 0.95 * 2_000)


def test_five_cases_never_give_a_verdict() -> None:
    for runs in (1, 10, 1_000):
        found = one(cases([0] * 5, runs), cases([runs] * 5, runs))
        assert found.p_value == 0.0625
        assert found.outcome == Outcome.NOT_SHOWN
        assert found.verdict == "No difference shown; with this many cases none could have shown"
        assert found.smallest_difference is None


@pytest.mark.parametrize("count", [2, 3, 4])
def test_fewer_cases_are_too_few_whatever_they_show(count: int) -> None:
    found = one(cases([0] * count, 100), cases([100] * count, 100), confidence=0.5)
    assert found.outcome == Outcome.TOO_FEW_CASES
    assert found.difference == 1.0
    assert found.interval is not None
    assert 0 < found.interval.low < found.interval.high


def test_one_case_speaks_for_itself() -> None:
    found = one(cases([3], 10), cases([9], 10))
    assert (found.outcome, found.estimand, found.interval) == (Outcome.ONE_CASE, Estimand.THIS_CASE, None)
    assert found.p_value == pytest.approx(0.0197666111)
    assert found.method == "fisher_exact"


def test_five_cases_give_none_at_a_lower_confidence_either() -> None:
    found = one(cases([0] * 5), cases([1] * 5), confidence=0.9)
    assert found.outcome == Outcome.NOT_SHOWN
    assert one(cases([0] * 6), cases([1] * 6), confidence=0.9).outcome == Outcome.B_BETTER


def test_six_cases_that_all_differ_are_enough() -> None:
    found = one(cases([0] * 6), cases([1] * 6))
    assert (found.p_value, found.method) == (0.03125, "bonett_price, mcnemar_exact")
    assert found.outcome == Outcome.B_BETTER


def test_several_comparisons_take_more_cases() -> None:
    """Six cases show a difference alone, not as one of two."""
    variants = {"A": cases([0] * 6), "B": cases([1] * 6), "C": cases([0] * 6)}
    first, second = compare_variants(variants, seed=1)
    assert (first.p_value_adjusted, first.n_comparisons) == (0.0625, 2)
    assert (first.outcome, second.outcome) == (Outcome.NOT_SHOWN, Outcome.NOT_SHOWN)
    assert first.interval is not None
    assert first.interval_adjusted is not None
    assert first.interval_adjusted.low < first.interval.low
    assert first.interval_adjusted.confidence == pytest.approx(0.975)
    assert [(found.a, found.b) for found in compare_variants(variants, seed=1, planned="all")] == [
        ("A", "B"),
        ("A", "C"),
        ("B", "C"),
    ]


def test_many_comparisons_at_a_high_confidence_can_show_what_is_there() -> None:
    """Their p has to come under 4e-5, which one in 10,000 flips can not."""
    variants = {f"{number}": cases([2] * 40, 2) for number in range(7)}
    found = compare_variants({"bad": cases([0, 1] * 20, 2), **variants}, seed=1, planned="all", confidence=0.999)
    assert len(found) == 28
    assert {comparison.outcome for comparison in found if comparison.a == "bad"} == {Outcome.B_BETTER}
    assert {comparison.outcome for comparison in found if comparison.a != "bad"} == {Outcome.NOT_SHOWN}


def test_earlier_tries_are_counted_in() -> None:
    a, b = cases([0] * 6), cases([1] * 6)
    found = one(a, b, also_tested=[0.5, 0.02])
    assert (found.n_comparisons, found.outcome) == (3, Outcome.NOT_SHOWN)
    assert found.p_value_adjusted == pytest.approx(2 * 0.03125)


def test_a_test_that_was_looked_at_is_judged_by_bets() -> None:
    """Equal variants, stopped at the first look that shows something: too many by sign flips, few enough by bets."""
    drawn = random.Random(8)
    peeked = bet = 0
    for _ in range(60):
        a, b = (cases([drawn.randint(0, 1) for _ in range(60)]) for _ in range(2))
        peeked += any(one(a[:n], b[:n]).outcome in SHOWN for n in range(6, 61, 2))
        bet += one(a, b, blocks=[case.case for case in a]).outcome in SHOWN
    assert bet <= 3 < peeked


def test_bets_follow_the_order_drawn_and_nothing_else() -> None:
    a, b = cases([0, 1] * 20), cases([1] * 40)
    names = [case.case for case in a]
    found = one(a, b, blocks=names)
    assert (found.outcome, found.method) == (Outcome.B_BETTER, "betting_hedged")
    assert found.verdict.startswith("B is better by 50 points, 95 % ")
    assert one(a[::-1], b[::-1], blocks=names) == found
    assert one(b, a, blocks=names).p_value == pytest.approx(found.p_value)
    with pytest.raises(InvalidArgument, match="blocks"):
        one(a, b, blocks=names[:-1])
    with pytest.raises(InvalidArgument, match="blocks"):
        one(a, b, blocks=[*names, names[0]])


def test_a_verdict_is_a_sentence() -> None:
    a, b = cases([1] * 50 + [0] * 50), cases([1] * 50 + [0] * 30 + [1] * 20)
    found = one(a, b)
    assert found.verdict == "B is better by 20 points, 95 % 11 to 28"
    assert one(b, a).verdict == "A is better by 20 points, 95 % 11 to 28"
    near = one(a, cases([1] * 51 + [0] * 48 + [1]))
    assert near.smallest_difference is not None
    least = math.ceil(100 * near.smallest_difference)
    assert near.verdict == f"No difference shown; only differences above {least} points would have shown with this many"
    three = compare_variants({"A": a, "new": b, "C": a}, seed=1)
    assert three[0].verdict == "new is better by 20 points, 95 % 10 to 29 for all 2 comparisons together"


def test_one_point_is_one_point() -> None:
    a, b = cases([0] * 1_000), cases([1] * 12 + [0] * 988)
    assert one(a, b).verdict == "B is better by 1 point, 95 % 0.5 to 2"
    assert in_points(0.012) == "1 point"
    assert (in_points(0.012, up=True), in_points(0.004), in_points(0.0996)) == ("2 points", "0.4 points", "10 points")


def test_the_smallest_difference_is_where_a_verdict_begins() -> None:
    """A difference just above it, with the same spread, is shown; one just below is not."""
    noise = [0.1 * ((i * 7) % 5 - 2) for i in range(20)]

    def shifted(by: float) -> Comparison:
        a = [CaseTotal(f"{i:03}", 1, 0, scores=(0.4,)) for i in range(20)]
        b = [CaseTotal(f"{i:03}", 1, 0, scores=(0.4 + noise[i] + by,)) for i in range(20)]
        return one(a, b, measure=Measure.SCORE)

    least = shifted(0.0).smallest_difference
    assert least is not None
    assert shifted(least - 0.005).outcome == Outcome.NOT_SHOWN
    assert shifted(least + 0.005).outcome == Outcome.B_BETTER


def test_the_least_that_shows_never_contradicts_what_did_or_did_not() -> None:
    drawn = random.Random(2)
    seen = set()
    for _ in range(400):
        size = drawn.randint(6, 20)
        found = one(
            cases([drawn.randint(0, 2) for _ in range(size)], 3), cases([drawn.randint(1, 3) for _ in range(size)], 3)
        )
        assert found.difference is not None
        assert (
            found.smallest_difference is None
            or found.outcome in SHOWN
            or (abs(found.difference) <= found.smallest_difference)
        )
        assert found.outcome not in SHOWN or found.smallest_difference <= abs(found.difference)  # type: ignore[operator]
        seen.add(found.outcome)
    assert seen == {Outcome.NOT_SHOWN, Outcome.B_BETTER}


def test_each_case_weighs_the_same_though_runs_are_unequal() -> None:
    a = [CaseTotal("x", 1, 0), CaseTotal("y", 10, 10)]
    b = [CaseTotal("x", 10, 10), CaseTotal("y", 1, 1)]
    assert one(a, b).difference == 0.5


def test_cases_of_one_cluster_count_as_one() -> None:
    alone = one(cases([0] * 8), cases([1] * 8))
    together = one(cases([0] * 8, clusters=["x", "x", "y", "y"] * 2), cases([1] * 8, clusters=["x", "x", "y", "y"] * 2))
    assert (alone.cases, together.cases) == (8, 2)
    assert together.outcome == Outcome.TOO_FEW_CASES
    with pytest.raises(InvalidArgument, match="two clusters"):
        one(cases([0] * 2, clusters=["x", "y"]), cases([1] * 2, clusters=["x", "x"]))


def test_a_cluster_weighs_by_its_cases() -> None:
    clusters = ["x"] * 3 + [None] * 5
    found = one(cases([0] * 8, clusters=clusters), cases([1] * 3 + [0] * 5, clusters=clusters))
    assert found.difference == 3 / 8
    assert found.cases == 6


def test_a_case_that_one_side_has_no_score_of_is_left_out() -> None:
    a = [*cases([1] * 6), CaseTotal("error", 0, 0, errors=3)]
    b = [*cases([0] * 6), CaseTotal("error", 3, 3), CaseTotal("new", 1, 1)]
    found = one(a, b)
    assert (found.cases, found.left_out, found.difference) == (6, 2, -1.0)
    none = one([CaseTotal("x", 0, 0, errors=1)], [CaseTotal("x", 1, 1)])
    assert (none.outcome, none.difference, none.p_value, none.p_value_adjusted) == (
        Outcome.NO_SCORED_SAMPLES,
        None,
        None,
        None,
    )


def test_effect_size_is_null_where_nothing_varies() -> None:
    assert one(cases([0] * 9), cases([1] * 9)).effect_size is None


variants = st.lists(
    st.tuples(
        st.integers(1, 6), st.floats(0, 1), st.integers(1, 6), st.floats(0, 1), st.sampled_from([None, "p", "q"])
    ),
    min_size=1,
    max_size=22,
)


@settings(max_examples=60, deadline=None)
@given(variants, st.randoms(use_true_random=False))
def test_order_changes_no_bit_and_swapping_turns_the_sign(rows: list, shuffler: random.Random) -> None:
    a = [CaseTotal(f"{i}", n, round(share * n), cluster=cluster) for i, (n, share, _, _, cluster) in enumerate(rows)]
    b = [CaseTotal(f"{i}", n, round(share * n), cluster=cluster) for i, (_, _, n, share, cluster) in enumerate(rows)]
    found = one(a, b)
    again = one(shuffler.sample(a, len(a)), shuffler.sample(b, len(b)))
    assert again == found
    (turned,) = compare_variants({"B": b, "A": a}, seed=1)
    same = ("p_value", "p_value_adjusted", "smallest_difference", "cases", "n", "left_out", "method", "verdict", "seed")
    assert {name: asdict(turned)[name] for name in same} == {name: asdict(found)[name] for name in same}
    assert found.difference is not None
    assert turned.difference == -found.difference
    assert turned.effect_size == (None if found.effect_size is None else -found.effect_size)
    if found.interval is not None:
        assert turned.interval is not None
        assert (turned.interval.low, turned.interval.high) == (-found.interval.high, -found.interval.low)
        assert found.interval.low < found.interval.high


@pytest.mark.parametrize("planned", ["none", [("A", "A")], [("A", "C")], []])
def test_comparisons_that_cannot_be_planned_are_refused(planned: object) -> None:
    with pytest.raises(InvalidArgument, match="planned"):
        one(cases([1] * 6), cases([0] * 6), planned=planned)


def test_one_variant_is_no_comparison() -> None:
    with pytest.raises(InvalidArgument, match="variants"):
        compare_variants({"A": cases([1])}, seed=1)
