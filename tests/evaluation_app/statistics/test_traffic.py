"""A difference between two versions under traffic is not made out of nothing, and a real one is found early."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy

from evaluation_app.statistics.traffic import Arm, Race, race_of


def drawn(random: numpy.random.Generator, *, rates: tuple[float, float], share: float) -> Iterator[tuple[Arm, float]]:
    """Calls without end: which arm each got, and what it came to."""
    while True:
        arm: Arm = "candidate" if random.random() < share else "control"
        yield arm, float(random.random() < rates[arm == "candidate"])


def ended_after(seed: int, calls: int, *, rates: tuple[float, float], share: float = 0.3) -> tuple[int | None, Race]:
    """The call after which the race was decided, None where it was not."""
    race = Race()
    traffic = drawn(numpy.random.default_rng(seed), rates=rates, share=share)
    for number, (arm, outcome) in zip(range(1, calls + 1), traffic, strict=False):
        race = race.after(arm, outcome)
        if race.verdict:
            return number, race
    return None, race


def test_equal_versions_are_told_apart_in_one_of_twenty_splits_at_most() -> None:
    found = [ended_after(seed, 600, rates=(0.9, 0.9))[0] for seed in range(100)]
    assert sum(ended is not None for ended in found) <= 5


def test_a_candidate_that_fails_is_found_before_it_has_had_many_calls() -> None:
    for seed in range(20):
        ended, race = ended_after(seed, 4_000, rates=(0.95, 0.5), share=0.1)
        assert ended is not None
        assert race.verdict == "worse"
        assert race.seen["candidate"][0] < 120


def test_a_better_one_is_called_better() -> None:
    _, race = ended_after(3, 4_000, rates=(0.5, 0.9))
    assert race.verdict == "better"
    interval = race.betting.interval
    assert interval is not None
    assert 0 < interval.low < 0.4 < interval.high


def test_a_block_is_whole_when_both_arms_are_in_it_and_not_before() -> None:
    race = Race().after("control", 1.0).after("control", 0.0)
    assert (race.betting.blocks, race.mean("control"), race.mean("candidate")) == (0, 0.5, None)
    race = race.after("candidate", 0.0)
    assert (race.betting.blocks, race.betting.total) == (1, 0.25)  # -0.5 on the scale from -1 to 1
    assert race.block == {}


def test_it_goes_on_from_a_row_as_if_it_had_never_stopped() -> None:
    random = numpy.random.default_rng(2)
    whole = kept = Race()
    for (arm, outcome), _ in zip(drawn(random, rates=(0.8, 0.6), share=0.4), range(90), strict=False):
        whole = whole.after(arm, outcome)
        kept = race_of(json.loads(json.dumps(kept.as_json))).after(arm, outcome)
    assert kept == whole
    assert race_of({}) == Race()
