"""The arithmetic of objectives by hand, and what samples come to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from monitoring.models import Sample
from monitoring.objectives.budgets import OBJECTIVES, Standing, burning_down
from monitoring.objectives.reading import objectives_of
from tests.monitoring.samples import a_sample

AVAILABILITY, ERRORS, SPEED = OBJECTIVES


@pytest.mark.parametrize(
    ("n", "bad", "good", "rate", "left", "is_enough", "is_met"),
    [
        (0, 0, None, None, None, False, None),
        (1000, 0, 1.0, 0.0, 1.0, True, True),
        (1000, 1, 0.999, 1.0, 0.0, True, True),
        (1000, 2, 0.998, 2.0, -1.0, True, False),
        (100, 1, 0.99, 10.0, -9.0, False, False),
        (10_000, 5, 0.9995, 0.5, 0.5, True, True),
    ],
)
def test_a_budget_of_one_in_a_thousand(
    n: int, bad: int, good: float | None, rate: float | None, left: float | None, is_enough: bool, is_met: bool | None
) -> None:
    standing = Standing(ERRORS, n, bad)
    assert standing.share_good == (None if good is None else pytest.approx(good))
    assert standing.burn_rate == (None if rate is None else pytest.approx(rate))
    assert standing.budget_left == (None if left is None else pytest.approx(left, abs=1e-9))
    assert (standing.is_enough, standing.is_met) == (is_enough, is_met)


def test_a_budget_burns_down_from_the_first_day_that_counts() -> None:
    # 4,000 requests may have 4 failed ones: 1 leaves three quarters, 3 more nothing.
    assert burning_down(ERRORS, [(0, 0), (1000, 1), (1000, 0), (2000, 3)]) == [
        None, pytest.approx(0.75), pytest.approx(0.75), pytest.approx(0.0, abs=1e-9),
    ]  # fmt: skip
    assert burning_down(ERRORS, [(0, 0)]) == [None]


@given(st.lists(st.integers(0, 10_000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), max_size=30))
def test_it_never_grows_and_ends_where_the_whole_time_stands(days: list[tuple[int, int]]) -> None:
    left = [value for value in burning_down(SPEED, [(float(n), float(bad)) for n, bad in days]) if value is not None]
    assert left == sorted(left, reverse=True)
    whole = Standing(SPEED, sum(n for n, _ in days), sum(bad for _, bad in days))
    if whole.n:
        assert left[-1] == pytest.approx(whole.budget_left)
    else:
        assert not left


@pytest.mark.django_db
def test_of_samples_with_a_gap_a_restart_and_two_hosts() -> None:
    Sample.objects.all().delete()
    now = timezone.now().replace(second=30, microsecond=0)
    end = now.replace(second=0) - timedelta(minutes=1)
    start = end - timedelta(minutes=10)

    def sample(minute: int, requests: int, failed: int, slow: int, *, host: str = "one") -> None:
        told = {"requests": requests, "requests_failed": failed, "requests_timed": requests}
        a_sample(minute, host=host, since=start, **told, requests_quick=requests - slow)

    sample(0, 100, 5, 9)
    sample(1, 160, 6, 10)
    sample(1, 1000, 0, 0, host="other")
    # Three minutes nobody was there, then it was begun anew.
    sample(5, 20, 2, 0)
    sample(6, 40, 2, 3)
    sample(7, 40, 2, 3)
    sample(7, 1500, 1, 0, host="other")
    sample(8, 40, 2, 3)
    sample(9, 40, 2, 3)
    sample(10, 9999, 99, 99)  # the minute that goes on
    told = objectives_of(now=now)
    assert (told.until, told.watched_since) == (end, start)
    for window in ("1h", "30d"):
        minutes, failed, slow = (told.standing(each, window) for each in OBJECTIVES)
        assert (minutes.n, minutes.bad) == (10, 3)
        assert (failed.n, failed.bad) == (60 + 20 + 20 + 500, 1 + 2 + 0 + 1)
        assert (slow.n, slow.bad) == (600, 1 + 0 + 3)
    assert told.days(ERRORS)[-1] == (600, 4)
    assert told.days(ERRORS)[0] == (0, 0)


@pytest.mark.django_db
def test_without_a_sample_nothing_is_said() -> None:
    Sample.objects.all().delete()
    told = objectives_of(now=timezone.now())
    assert told.watched_since is None
    assert {told.standing(each, "30d").share_good for each in OBJECTIVES} == {None}
