"""Looking after every block never makes a difference out of nothing, and a large one ends a test early."""

from __future__ import annotations

import json
from statistics import fmean

import numpy
import pytest

from evaluation_app.statistics.early_stopping import difference_of_blocks, from_json, rate_of_blocks
from evaluation_app.statistics.errors import InvalidArgument
from evaluation_app.statistics.figures import Missing
from tests.evaluation_app.statistics.simulating import stops


def test_equal_variants_are_stopped_in_one_of_twenty_tests_at_most() -> None:
    found = stops(100, 0.0)
    assert sum(stopped is not None for stopped in found) <= 5


def test_a_large_difference_ends_a_test_early() -> None:
    found = stops(30, 0.3)
    assert all(found)
    assert fmean(stopped or 200 for stopped in found) < 80


def test_the_interval_of_a_rate_holds_at_every_look() -> None:
    random = numpy.random.default_rng(5)
    missed = 0
    for _ in range(60):
        state = rate_of_blocks()
        for block in random.binomial(3, random.beta(4, 1, 60)) / 3:
            state = state.after(float(block))
            interval = state.interval
            if interval is not None and not interval.low <= 0.8 <= interval.high:
                missed += 1
                break
    assert missed <= 3


def test_the_interval_narrows() -> None:
    state, widths = rate_of_blocks(), []
    for _ in range(4):
        state = state.after_all([1.0, 1.0, 0.0, 1.0] * 10)
        assert state.interval is not None
        assert state.interval.low < 0.75 < state.interval.high
        widths.append(state.interval.high - state.interval.low)
    assert widths == sorted(widths, reverse=True)
    assert state.estimate.value == 0.75
    assert state.estimate.n == 160


def test_a_state_that_was_stored_goes_on_to_the_bit() -> None:
    blocks = [0.5, -1.0, 1.0, 1 / 3, 0.0, 1.0] * 5
    whole = difference_of_blocks(comparisons=2).after_all(blocks)
    first = difference_of_blocks(comparisons=2).after_all(blocks[:11])
    assert from_json(json.loads(json.dumps(first.as_json))).after_all(blocks[11:]) == whole
    assert len(json.dumps(whole.as_json)) < 18_000


def test_several_comparisons_need_more_evidence() -> None:
    blocks = [1.0, 0.0, 1.0, 0.5] * 4
    alone = difference_of_blocks().after_all(blocks)
    assert alone.excludes(0.0)
    assert alone.e_value() >= 20
    assert not difference_of_blocks(comparisons=1_000).after_all(blocks).excludes(0.0)


def test_what_was_shown_once_stays_shown() -> None:
    state = difference_of_blocks().after_all([1.0] * 12)
    assert state.excludes()
    later = state.after_all([0.0, -1.0] * 4)
    assert later.excludes()
    assert later.p_value() <= 0.05
    assert later.interval is None or later.interval.low > 0


def test_swapped_variants_turn_the_sign() -> None:
    blocks = [0.5, -1.0, 1.0, 1.0, 0.0, 1.0, 1.0] * 4
    ours = difference_of_blocks().after_all(blocks)
    theirs = difference_of_blocks().after_all(-block for block in blocks)
    assert theirs.e_value() == pytest.approx(ours.e_value())
    assert ours.interval is not None
    assert theirs.interval is not None
    assert (theirs.interval.low, theirs.interval.high) == pytest.approx((-ours.interval.high, -ours.interval.low))


def test_before_anything_is_seen_there_is_no_figure() -> None:
    assert rate_of_blocks().estimate.reason == Missing.NO_SCORED_SAMPLES
    assert rate_of_blocks().after(1.0).estimate.reason == Missing.TOO_FEW_CASES


@pytest.mark.parametrize("observation", [1.01, -0.01, float("nan")])
def test_a_block_outside_its_range_is_refused(observation: float) -> None:
    with pytest.raises(InvalidArgument, match="observation"):
        rate_of_blocks().after(observation)
    with pytest.raises(InvalidArgument, match="mean"):
        rate_of_blocks().e_value(0.1234)
