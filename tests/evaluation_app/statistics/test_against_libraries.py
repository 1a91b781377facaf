"""The same figures by scipy, statsmodels and plain counting."""

from __future__ import annotations

import itertools
import math

import numpy
import pytest
from scipy import stats
from statsmodels.api import OLS
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.inter_rater import cohens_kappa as kappa_of_statsmodels
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestIndPower, TTestPower
from statsmodels.stats.proportion import proportion_confint

from evaluation_app.statistics import multiplicity
from evaluation_app.statistics.agreement import cohens_kappa
from evaluation_app.statistics.clustering import standard_error_of_mean
from evaluation_app.statistics.differences import Direction, paired_t
from evaluation_app.statistics.distributions import power_of_t
from evaluation_app.statistics.permutation import sign_flip_exact, sign_flip_test
from evaluation_app.statistics.planning import sample_size_paired, sample_size_two_groups
from evaluation_app.statistics.proportions import clopper_pearson_interval, wilson_interval
from evaluation_app.statistics.scores import percentile
from evaluation_app.statistics.tables import fisher_exact, mcnemar_chi2, mcnemar_exact

RANDOM = numpy.random.default_rng(7)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
@pytest.mark.parametrize(("passed", "n"), [(0, 1), (1, 1), (0, 30), (3, 30), (29, 30), (500, 1000)])
def test_intervals_of_independent_trials(passed: int, n: int, confidence: float) -> None:
    for ours, method in ((wilson_interval, "wilson"), (clopper_pearson_interval, "beta")):
        interval = ours(passed, n, confidence).interval
        assert interval is not None
        theirs = proportion_confint(passed, n, alpha=1 - confidence, method=method)
        assert (interval.low, interval.high) == pytest.approx(theirs, abs=1e-12)


@pytest.mark.parametrize("length", [1, 2, 7, 40])
def test_adjusted_p_values(length: int) -> None:
    values = [*RANDOM.random(length - 1).round(3).tolist(), 0.01]
    for ours, method in (
        (multiplicity.holm, "holm"),
        (multiplicity.bonferroni, "bonferroni"),
        (multiplicity.benjamini_hochberg, "fdr_bh"),
    ):
        rejects, adjusted, *_ = multipletests(values, 0.05, method)
        assert list(ours(values).p_values) == pytest.approx(list(adjusted), abs=1e-12)
        assert list(ours(values).rejects) == list(rejects)


@pytest.mark.parametrize("table", [[[3, 1], [1, 3]], [[0, 5], [5, 0]], [[12, 5], [3, 9]], [[0, 0], [4, 2]]])
def test_tables_of_two_groups(table: list[list[int]]) -> None:
    assert fisher_exact(table).p_value == pytest.approx(stats.fisher_exact(table).pvalue, abs=1e-12)


@pytest.mark.parametrize(("b", "c"), [(1, 0), (5, 6), (12, 3), (0, 9), (40, 61)])
def test_pairs_that_differ(b: int, c: int) -> None:
    table = [[10, b], [c, 10]]
    assert mcnemar_exact(b, c).p_value == pytest.approx(mcnemar(table, exact=True).pvalue, abs=1e-12)
    for correction in (True, False):
        ours, theirs = mcnemar_chi2(b, c, correction=correction), mcnemar(table, exact=False, correction=correction)
        assert (ours.statistic, ours.p_value) == pytest.approx((theirs.statistic, theirs.pvalue), abs=1e-12)


def test_kappa_and_the_error_of_a_padded_table() -> None:
    table = [[22, 4], [3, 15]]
    ours = cohens_kappa(table).kappa
    padded = kappa_of_statsmodels(numpy.array(table) + 1)
    assert ours.interval is not None
    assert ours.value == pytest.approx(kappa_of_statsmodels(table).kappa, abs=1e-12)
    assert (ours.interval.low, ours.interval.high) == pytest.approx((padded.kappa_low, padded.kappa_upp), abs=1e-12)


@pytest.mark.parametrize(("size", "power", "alpha"), [(0.5, 0.8, 0.05), (0.1, 0.9, 0.01), (1.5, 0.8, 0.05)])
def test_sample_sizes(size: float, power: float, alpha: float) -> None:
    assert sample_size_paired(size, power, alpha) == math.ceil(TTestPower().solve_power(size, None, alpha, power))
    assert sample_size_two_groups(size, power, alpha) == math.ceil(
        TTestIndPower().solve_power(size, None, alpha, power)
    )


@pytest.mark.parametrize(("size", "n"), [(1.235, 50), (1.305, 50), (0.5, 400), (0.01, 1_000_000)])
def test_a_power_near_one_is_a_number(size: float, n: int) -> None:
    """scipy gives NaN for the tail the other way, far out."""
    assert power_of_t(size, n, n - 1, 0.05) == pytest.approx(1, abs=1e-6)


def test_the_paired_t_test() -> None:
    a, b = RANDOM.normal(size=30).tolist(), RANDOM.normal(0.3, size=30).tolist()
    ours, theirs = paired_t(a, b, 0.9), stats.ttest_rel(b, a)
    ends = theirs.confidence_interval(0.9)
    assert ours.difference.interval is not None
    assert (ours.statistic, ours.p_value, ours.difference.interval.low, ours.difference.interval.high) == pytest.approx(
        (theirs.statistic, theirs.pvalue, ends.low, ends.high), abs=1e-12
    )
    assert paired_t(a, b, direction=Direction.A_MINUS_B).statistic == pytest.approx(-theirs.statistic)


def test_the_clustered_standard_error() -> None:
    clusters = [RANDOM.random(size).tolist() for size in (3, 5, 1, 8, 2)]
    values, owners = zip(*[(value, i) for i, cluster in enumerate(clusters) for value in cluster], strict=True)
    fitted = OLS(values, numpy.ones(len(values))).fit(
        cov_type="cluster", cov_kwds={"groups": numpy.array(owners), "use_correction": False}
    )
    ours = standard_error_of_mean(
        [len(cluster) for cluster in clusters], [sum(cluster) for cluster in clusters], finite_correction=False
    )
    assert ours == pytest.approx(fitted.bse[0], abs=1e-12)


def test_sign_flips_by_counting_every_pattern() -> None:
    for length in range(1, 11):
        values = (RANDOM.integers(-3, 4, length) / 3).tolist()
        seen = abs(sum(values))
        sums = [
            abs(sum(s * v for s, v in zip(signs, values, strict=True)))
            for signs in itertools.product((1, -1), repeat=length)
        ]
        assert sign_flip_exact(values).p_value == sum(total >= seen - 1e-9 for total in sums) / 2**length


def test_drawn_sign_flips_come_near_the_exact_p() -> None:
    values = RANDOM.normal(0.3, 1, 24).tolist()
    drawn = sign_flip_test(values, seed=3)
    assert drawn.method == "sign_flips_drawn"
    assert drawn.seed == 3
    assert drawn.p_value == pytest.approx(sign_flip_exact(values).p_value, abs=0.02)


@pytest.mark.parametrize("against", [0, 1, 3])
def test_a_small_p_of_drawn_sign_flips_is_no_floor(against: int) -> None:
    values = [1.0, 0.5] * (16 - against) + [-1.0, -0.5] * against
    exact = sign_flip_exact(values).p_value
    assert exact < 1e-3
    drawn = sign_flip_test(values, seed=3).p_value
    assert drawn == pytest.approx(exact, rel=0.5 if exact < 1e-9 else 0.15)
    assert sign_flip_test([-value for value in values[::-1]], seed=3).p_value == drawn


@pytest.mark.parametrize("q", [0, 0.1, 0.5, 0.95, 1])
def test_percentiles(q: float) -> None:
    values = RANDOM.exponential(size=17).tolist()
    assert percentile(values, q) == pytest.approx(numpy.quantile(values, q), abs=1e-12)
