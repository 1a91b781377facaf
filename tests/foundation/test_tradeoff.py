"""Quality against cost: who is on the Pareto line, where points lie, what the title says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.presentation.tradeoff import Point, Tradeoff
from foundation.words import THIN


def point(name: str, cost: float, rate: float, reach: float = 0.05) -> Point:
    return Point(name, cost, rate, max(0.0, rate - reach), min(1.0, rate + reach), 40)


def picture(*points: Point) -> Tradeoff:
    return Tradeoff("quality", points, "Letters")


def test_the_line_goes_through_those_that_nobody_beats():
    chart = picture(point("dear", 10, 0.95), point("beaten", 8, 0.7), point("cheap", 1, 0.8), point("twin", 10, 0.95))
    assert [each.name for each in chart.best] == ["cheap", "dear"]
    assert [(mark.number, mark.point.name, mark.is_best) for mark in chart.marks] == [
        (1, "dear", True), (2, "twin", False), (3, "cheap", True), (4, "beaten", False),
    ]  # fmt: skip
    flat, up = chart.line
    assert flat.y1 == flat.y2 == chart.marks[2].y
    assert up.x1 == up.x2 == chart.marks[0].x


@pytest.mark.parametrize(
    ("points", "told"),
    [
        (
            [point("a", 1, 0.9), point("b", 2, 0.8)],
            f"a passes most and costs least: 90{THIN}% for $1.00 a thousand runs",
        ),
        (
            [point("a", 1, 0.6), point("b", 8, 0.9)],
            f"b passes most, 90{THIN}%; a passes 60{THIN}% for 12.5{THIN}% of the cost",
        ),
        (
            [point("a", 1, 0.88), point("b", 8, 0.9)],
            f"b passes most, 90{THIN}%; a passes 88{THIN}% for 12.5{THIN}% of the cost, and the intervals overlap",
        ),
        ([point("a", 0, 0.6), point("b", 8, 0.9)], f"b passes most, 90{THIN}%; a passes 60{THIN}% for no cost"),
        (
            [Point("a", 1, 0.8, None, None, 3), Point("b", 2, 0.9, None, None, 3)],
            f"b passes most, 90{THIN}%; a passes 80{THIN}% for 50{THIN}% of the cost",
        ),
    ],
)
def test_the_title_says_what_it_shows(points: list[Point], told: str):
    assert picture(*points).finding == told


def test_what_is_many_times_dearer_is_drawn_by_its_logarithm():
    chart = picture(point("a", 0.01, 0.5), point("b", 1, 0.6), point("c", 100, 0.7))
    places = {mark.point.name: mark.x for mark in chart.marks}
    assert places["b"] - places["a"] == pytest.approx(places["c"] - places["b"], abs=0.01)
    assert "logarithm" in chart.unit
    with_free = picture(point("free", 0, 0.4), *chart.points)
    places = {mark.point.name: mark.x for mark in with_free.marks}
    assert places["free"] < places["a"] < places["b"] < places["c"]


RATES = st.floats(0, 1)
COSTS = st.one_of(st.just(0.0), st.floats(1e-9, 1e6))
POINTS = st.builds(
    lambda number, cost, rate, down, up: Point(f"p{number}", cost, rate, rate * down, rate + (1 - rate) * up, 9),
    st.integers(0, 99), COSTS, RATES, RATES, RATES,
)  # fmt: skip


@given(st.lists(POINTS, min_size=2, max_size=12))
def test_whatever_was_compared_is_drawn_inside(points: list[Point]):
    chart = picture(*points)
    for mark in chart.marks:
        assert 0 <= mark.x <= 100
        assert 0 <= mark.top <= mark.y <= mark.bottom <= 100
        beaten = any(
            (each.cost <= mark.point.cost and each.rate > mark.point.rate)
            or (each.cost < mark.point.cost and each.rate >= mark.point.rate)
            for each in points
        )
        assert not (beaten and mark.is_best)
    assert chart.best
    assert chart.finding
