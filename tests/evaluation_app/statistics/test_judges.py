"""What a judge is worth, measured against people, and who wins when answers are compared."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from evaluation_app.statistics.agreement import cohens_kappa, kappa_of_cases
from evaluation_app.statistics.calibration import Verdict, calibrate, corrected_rate
from evaluation_app.statistics.clustering import Passes
from evaluation_app.statistics.errors import InvalidArgument
from evaluation_app.statistics.figures import Estimand, Missing
from evaluation_app.statistics.judge_bias import length_bias, order_flips
from evaluation_app.statistics.regression import difference_on_these_cases, is_regression
from evaluation_app.statistics.votes import Vote, bradley_terry


def verdicts(n: int, labels: int, *, lenient: float = 0.0, seed: int = 1) -> list[Verdict]:
    """Samples of which seven in ten pass; a judge that lets so many of the failing pass; so many labels of people."""
    drawn = random.Random(seed)
    truth = [i % 10 < 7 for i in range(n)]
    drawn.shuffle(truth)
    return [Verdict(i, true or drawn.random() < lenient, true if i < labels else None) for i, true in enumerate(truth)]


def test_a_lenient_judge_is_put_right() -> None:
    found = calibrate(verdicts(1_000, 100, lenient=0.5))
    assert found.raw.value == pytest.approx(0.85, abs=0.02)
    assert found.corrected.value == pytest.approx(0.7, abs=0.06)
    assert found.corrected.interval is not None
    assert found.corrected.interval.low < 0.7 < found.corrected.interval.high
    assert found.raw.interval is not None
    assert found.raw.interval.low > 0.7
    assert (found.labels, found.people.n) == (100, 100)


def test_too_few_labels_correct_nothing() -> None:
    assert corrected_rate(verdicts(500, 49)).reason == Missing.TOO_FEW_LABELS
    one_class = [Verdict(i, True, True if i < 60 else None) for i in range(100)]
    assert corrected_rate(one_class).reason == Missing.TOO_FEW_LABELS
    assert corrected_rate(verdicts(60, 60)).value is None


def test_a_judge_that_never_erred_is_not_thought_perfect() -> None:
    found = corrected_rate(verdicts(20_000, 50))
    assert found.interval is not None
    assert found.interval.high - found.interval.low > 0.06


def test_labels_of_one_case_hang_together() -> None:
    apart = verdicts(1_000, 100, lenient=0.5)
    ten = [Verdict(i // 10, one.judge, one.person) for i, one in enumerate(sorted(apart, key=lambda v: v.judge))]
    assert (corrected_rate(ten).standard_error or 0) > (corrected_rate(apart).standard_error or 1)


def test_a_judge_gates_only_where_its_agreement_is_sure() -> None:
    assert cohens_kappa([[40, 5], [5, 50]]).may_gate()
    assert not cohens_kappa([[40, 5], [5, 50]]).may_gate(0.7)
    assert not cohens_kappa([[6, 1], [1, 6]]).may_gate()
    assert not cohens_kappa([[50, 0], [0, 0]]).may_gate()
    assert cohens_kappa([[25, 0], [0, 25]]).may_gate(0.8)


def test_labels_of_one_case_agree_once() -> None:
    """90 of 100 labels agree; where they are of ten cases, of which one is judged wrongly ten times, that is little."""
    apart = [[[1, 0], [0, 0]]] * 45 + [[[0, 0], [0, 1]]] * 45 + [[[0, 1], [0, 0]]] * 5 + [[[0, 0], [1, 0]]] * 5
    alone = kappa_of_cases(apart)
    assert alone == cohens_kappa([[45, 5], [5, 45]])
    assert alone.may_gate(0.6)
    ten = [[[10, 0], [0, 0]]] * 4 + [[[0, 0], [0, 10]]] * 4 + [[[5, 5], [0, 0]], [[0, 0], [5, 5]]]
    together = kappa_of_cases(ten)
    assert together.kappa.value == pytest.approx(0.8)
    assert together.kappa.cases == 10
    assert not together.may_gate(0.6)
    one = kappa_of_cases([[[45, 5], [5, 45]]])
    assert one.kappa.value == pytest.approx(0.8)
    assert (one.kappa.reason, one.may_gate()) == (Missing.ONE_CASE, False)
    with pytest.raises(InvalidArgument, match="one size"):
        kappa_of_cases([[[1, 0], [0, 1]], [[1]]])
    with pytest.raises(InvalidArgument, match="a label"):
        kappa_of_cases([])


def test_verdicts_that_turn_with_the_order() -> None:
    flips = order_flips([Passes(2, 1)] * 3 + [Passes(2, 0)] * 17)
    assert flips.value == pytest.approx(3 / 40)
    assert flips.interval is not None
    assert flips.interval.low > 0


def test_a_judge_that_likes_long_answers() -> None:
    drawn = random.Random(3)
    lengths = [drawn.randint(20, 4_000) for _ in range(300)]
    cases = [i // 3 for i in range(300)]
    swayed = length_bias(lengths, [drawn.random() < min(0.95, length / 3_000) for length in lengths], cases)
    assert swayed.per_doubling.interval is not None
    assert swayed.per_doubling.interval.low > 0
    assert swayed.p_value is not None
    assert swayed.p_value < 0.001
    fair = length_bias(lengths, [drawn.random() < 0.6 for _ in lengths], cases)
    assert fair.per_doubling.interval is not None
    assert fair.per_doubling.interval.low < 0 < fair.per_doubling.interval.high


def test_length_that_parts_the_verdicts_or_never_varies_has_no_figure() -> None:
    lengths, cases = list(range(1, 101)), list(range(100))
    parted = length_bias(lengths, [length > 50 for length in lengths], cases)
    assert (parted.per_doubling.value, parted.per_doubling.reason) == (None, Missing.NOT_IDENTIFIED)
    same = length_bias([7] * 100, [i % 2 == 0 for i in range(100)], cases)
    assert same.per_doubling.reason == Missing.NO_VARIATION
    few = length_bias(lengths, [i < 5 for i in range(100)], cases)
    assert few.per_doubling.reason == Missing.TOO_FEW_LABELS


def test_votes_rank_contestants() -> None:
    drawn = random.Random(4)
    strengths = {"weak": -1.0, "middle": 0.0, "strong": 1.0}
    votes = []
    for case in range(60):
        for a, b in combinations(strengths, 2):
            chance = 1 / (1 + 2.718 ** (strengths[b] - strengths[a]))
            votes.append(Vote(a, b, float(drawn.random() < chance), f"{case}"))
    found = bradley_terry(votes)
    assert [one.name for one in found] == ["strong", "middle", "weak"]
    assert [one.rank for one in found] == [1, 2, 3]
    for one in found:
        assert one.strength.interval is not None
        assert one.strength.interval.low < strengths[one.name] < one.strength.interval.high
    again = bradley_terry(drawn.sample(votes, len(votes)))
    assert again == found
    turned = bradley_terry([Vote(vote.b, vote.a, 1 - vote.outcome, vote.case) for vote in votes])
    assert [one.strength.value for one in turned] == pytest.approx([one.strength.value for one in found])


def test_who_won_every_vote_is_finite_and_not_certain() -> None:
    best, worst = bradley_terry([Vote("a", "b", 1, f"{case}") for case in range(10)])
    assert best.wins.value == pytest.approx(0.823, abs=0.01)
    assert best.wins.interval is not None
    assert 0.4 < best.wins.interval.low < best.wins.interval.high < 0.98
    assert worst.strength.value == pytest.approx(-(best.strength.value or 0))


def test_contestants_that_never_met_are_not_ranked() -> None:
    found = bradley_terry([Vote("a", "b", 1, "1"), Vote("c", "d", 1, "1")])
    assert {one.strength.reason for one in found} == {Missing.NOT_IDENTIFIED}
    assert {one.rank for one in found} == {None}
    assert bradley_terry([]) == []
    with pytest.raises(InvalidArgument, match="outcome"):
        Vote("a", "b", 0.3, "1")
    with pytest.raises(InvalidArgument, match="b must"):
        Vote("a", "a", 1, "1")


def test_a_suite_that_got_worse_on_these_cases() -> None:
    before, after = [[1.0] * 3] * 20, [[1.0] * 3] * 12 + [[0.0] * 3] * 8
    found = difference_on_these_cases(before, after, seed=2)
    assert found.value == pytest.approx(-0.4)
    assert found.estimand == Estimand.THESE_CASES
    assert found.interval is not None
    assert -0.55 < found.interval.low < found.interval.high < 0
    turned = difference_on_these_cases(after, before, seed=2)
    assert turned.interval is not None
    assert (turned.interval.low, turned.interval.high) == (-found.interval.high, -found.interval.low)
    assert is_regression(found.interval)
    assert not is_regression(found.interval, 0.4)
    assert not is_regression(turned.interval)
    assert not is_regression(None)
    same = difference_on_these_cases(before, before, seed=2)
    assert same.interval is not None
    assert same.interval.low < 0 < same.interval.high


def test_noise_seen_in_one_case_only_is_hardly_known() -> None:
    """One varying pair of runs has one degree of freedom, and two that are thought to contradict have two."""
    found = difference_on_these_cases([[1.0, 0.0]] + [[1.0, 1.0]] * 4, [[1.0, 1.0]] * 5, seed=1)
    assert found.interval is not None
    assert found.interval.high - found.interval.low > 0.9


def test_two_runs_that_agree_are_not_without_noise_beside_twenty() -> None:
    """All ten runs of a suite that passes in four of five come out well in one of ten tries."""
    often = [[1.0] * 16 + [0.0] * 4] * 5
    found = difference_on_these_cases([[1.0] * 2] * 5, often, seed=1)
    assert found.interval is not None
    assert found.interval.low < -0.4
    assert not is_regression(found.interval)
    assert is_regression(difference_on_these_cases([[1.0] * 20] * 5, often, seed=1).interval)


def test_run_noise_is_drawn_the_same_in_any_order() -> None:
    drawn = random.Random(6)
    a = [[float(drawn.random() < 0.6) for _ in range(4)] for _ in range(12)]
    b = [[float(drawn.random() < 0.7) for _ in range(4)] for _ in range(12)]
    found = difference_on_these_cases(a, b, seed=9)
    places = drawn.sample(range(12), 12)
    again = difference_on_these_cases([a[i][::-1] for i in places], [b[i][::-1] for i in places], seed=9)
    assert again == found
    turned = difference_on_these_cases(b, a, seed=9)
    assert found.interval is not None
    assert turned.interval is not None
    assert (turned.value, turned.interval.low) == (-(found.value or 0), -found.interval.high)
