"""Bins that hold every value once, the same for all that are compared, and differences by group."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation_app.statistics.cases import CaseTotal
from evaluation_app.statistics.differences import bonett_price, units_of
from evaluation_app.statistics.groups import group_differences
from evaluation_app.statistics.histograms import MOST_BINS, of_amounts, of_shares

AMOUNTS = st.lists(st.floats(0, 1e6, allow_subnormal=False), max_size=60)


@given(AMOUNTS, AMOUNTS)
def test_every_amount_is_in_one_bin_and_bins_are_the_same_for_all(one: list[float], other: list[float]) -> None:
    found = of_amounts([one, other])
    assert [sum(each.count for each in histogram.bins) for histogram in found] == [len(one), len(other)]
    assert [(each.low, each.high) for each in found[0].bins] == [(each.low, each.high) for each in found[1].bins]
    assert len(found[0].bins) <= MOST_BINS + 3
    for histogram, values in zip(found, (one, other), strict=True):
        for each in histogram.bins:
            high = float("inf") if each.high is None else each.high
            near = 1e-9 * max(abs(each.low), 1e-9)
            there = [value for value in values if each.low + near < value < high - near]
            assert len(there) <= each.count


def test_a_value_far_off_does_not_squeeze_the_others() -> None:
    (histogram,) = of_amounts([[0.1 + 0.001 * number for number in range(199)] + [300.0]])
    assert histogram.bins[-1].high is None
    assert histogram.bins[-1].count == 1
    assert sum(each.count > 0 for each in histogram.bins) > 10
    assert histogram.median == pytest.approx(0.1995)


def test_equal_values_are_one_bar() -> None:
    (histogram,) = of_amounts([[5.0] * 7], least_width=1.0)
    assert [(each.low, each.high, each.count) for each in histogram.bins] == [(5.0, 6.0, 7)]
    assert (histogram.n, histogram.median, histogram.p95) == (7, 5.0, 5.0)
    assert of_amounts([[], []])[1].bins == ()


def test_nothing_and_everything_stand_apart_from_what_lies_between() -> None:
    histogram = of_shares([0, 0, 0.05, 0.5, 0.99, 1, 1, 1])
    assert [each.count for each in histogram.bins] == [2, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 3]
    assert (histogram.bins[0].low, histogram.bins[0].high) == (0, 0)
    assert (histogram.bins[-1].low, histogram.bins[-1].high) == (1, 1)


def cases(passes: list[int]) -> list[CaseTotal]:
    """Cases of two runs with so many passes each."""
    return [CaseTotal(f"c{number:02}", 2, passed) for number, passed in enumerate(passes)]


def test_a_group_has_the_difference_of_its_own_cases_at_the_level_of_all() -> None:
    variants = {"a": cases([0, 1] * 6), "b": cases([2, 1] * 6)}
    even = {f"c{number:02}" for number in range(0, 12, 2)}
    odd = {f"c{number:02}" for number in range(1, 12, 2)}
    few = {"c00", "c01"}
    first, second, third = group_differences(
        variants, {"even": even, "odd": odd, "few": few}, pairs=[("a", "b")], confidence=0.94
    )
    assert (first.group, first.difference, first.cases, first.n) == ("even", 1.0, 6, 24)
    assert first.confidence == pytest.approx(0.98)
    expected = bonett_price(units_of([1.0] * 6), first.confidence)
    assert first.interval == expected
    assert second.difference == 0
    assert (third.difference, third.interval, third.reason) == (0.5, None, "too_few_cases")


def test_swapped_variants_turn_the_sign_of_a_group() -> None:
    variants = {"a": cases([0, 1, 2] * 4), "b": cases([2, 2, 1] * 4)}
    groups = {"all": {case.case for case in variants["a"]}}
    (one,) = group_differences(variants, groups, pairs=[("a", "b")])
    (other,) = group_differences(variants, groups, pairs=[("b", "a")])
    assert one.difference is not None
    assert one.interval is not None
    assert other.interval is not None
    assert other.difference == -one.difference
    assert (other.interval.low, other.interval.high) == pytest.approx((-one.interval.high, -one.interval.low))


def test_a_group_without_a_judged_case_has_no_figure() -> None:
    variants = {"a": cases([1] * 6), "b": cases([1] * 6)}
    (found,) = group_differences(variants, {"elsewhere": {"x"}}, pairs=[("a", "b")])
    assert (found.difference, found.interval, found.reason) == (None, None, "no_scored_samples")
