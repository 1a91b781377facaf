"""A rate is told with what it rests on and how sure it is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.presentation.interval import FEW, rate_of
from foundation.words import THIN

DASH = "\N{EN DASH}"


@pytest.mark.parametrize(
    ("passed", "tried", "told"),
    [
        (0, 0, ""),
        (1, 1, "1 of 1, too few to say"),
        (4, 4, "4 of 4, too few to say"),
        (12, 14, f"12 of 14, 86{THIN}% (60{DASH}96{THIN}%)"),
        (5, 5, f"5 of 5, 100{THIN}% (56{DASH}100{THIN}%)"),
        (0, 10, f"0 of 10, 0{THIN}% (0{DASH}28{THIN}%)"),
        (950, 1000, f"950 of 1{THIN}000, 95.0{THIN}% (93.4{DASH}96.2{THIN}%)"),
    ],
)
def test_a_rate_has_its_count_and_interval(passed: int, tried: int, told: str) -> None:
    assert rate_of(passed, tried) == told


@given(st.integers(FEW, 5_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_rate(counts: tuple[int, int]) -> None:
    passed, tried = counts
    found = re.search(rf"\(([0-9.]+){DASH}([0-9.]+){THIN}%\)", rate_of(passed, tried))
    assert found
    low, high = float(found[1]), float(found[2])
    assert 0 <= low <= 100 * passed / tried <= high <= 100
    assert low < high
