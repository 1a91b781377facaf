"""Reference names of comparisons and of several tests at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evaluation_app.statistics import differences, multiplicity, permutation, tables
from evaluation_app.statistics.errors import numbers
from evaluation_app.statistics.reference.registry import Output, named, of_estimate


@named
def paired_t(a: Any, b: Any, confidence: float = 0.95, direction: str = differences.Direction.A_MINUS_B) -> Output:
    """Student's paired test, a - b unless told, as textbooks and R take it; the product always asks for B - A."""
    found = differences.paired_t(a, b, confidence, direction=direction)
    size = differences.effect_size(differences.differences_of(a, b, direction))
    return of_estimate(found.difference) | {
        "difference": found.difference.value,
        "statistic": found.statistic,
        "p_value": found.p_value,
        "degrees_of_freedom": found.difference.n - 1,
        "effect_size": size,
    }


@named
def paired_difference(
    a_clusters: Any, b_clusters: Any, confidence: float = 0.95, direction: str = differences.Direction.B_MINUS_A
) -> Output:
    """The difference of case means, B - A: ends by t, and Bonett and Price's where the means lie in 0…1."""
    a, b = _means("a_clusters", a_clusters), _means("b_clusters", b_clusters)
    found = differences.paired_t(a, b, confidence, direction=direction)
    values = differences.differences_of(a, b, direction)
    output = of_estimate(found.difference) | {
        "difference": found.difference.value,
        "statistic": found.statistic,
        "p_value": found.p_value,
        "mean_a": sum(a) / len(a),
        "mean_b": sum(b) / len(b),
        "effect_size": differences.effect_size(values),
        "cases": len(values),
    }
    if all(0 <= mean <= 1 for mean in [*a, *b]):
        interval = differences.bonett_price(differences.units_of(values), confidence)
        output |= {"adjusted_low": interval.low, "adjusted_high": interval.high}
    return output


def _means(argument: str, clusters: Any) -> list[float]:
    return [sum(values) / len(values) for values in (numbers(argument, cluster) for cluster in clusters)]


@named
def paired_difference_adjusted_interval(differences: Any, confidence: float = 0.95) -> Output:
    """Bonett and Price's ends of a mean of differences in -1…1."""
    return _adjusted(numbers("differences", differences, -1, 1), confidence)


def _adjusted(values: Sequence[float], confidence: float) -> Output:
    units = differences.units_of(values)
    interval = differences.bonett_price(units, confidence)
    return {
        "difference": units.mean,
        "adjusted_difference": sum(values) / (len(values) + 2),
        "low": interval.low,
        "high": interval.high,
        "smallest_difference": differences.smallest_difference(units, confidence),
        "cases": len(values),
    }


@named
def paired_permutation_exact(a: Any, b: Any) -> Output:
    """The p of sign flips, every pattern counted."""
    found = permutation.sign_flip_exact(differences.differences_of(a, b))
    return {
        "p_value": found.p_value,
        "informative": found.informative,
        "least_p": permutation.least_p(found.informative),
    }


@named
def cohens_d_paired(a: Any, b: Any, direction: str = differences.Direction.A_MINUS_B) -> Output:
    """d_z, a - b unless told, as textbooks take it."""
    size = differences.effect_size(differences.differences_of(a, b, direction))
    return {"effect_size": size, "value": size}


@named
def mcnemar_exact(b: Any, c: Any) -> Output:
    """The binomial p of pairs that differ."""
    found = tables.mcnemar_exact(b, c)
    return {"p_value": found.p_value, "n": found.n}


@named
def mcnemar_chi2(b: Any, c: Any, correction: bool = True) -> Output:
    """The chi-square p of pairs that differ."""
    found = tables.mcnemar_chi2(b, c, correction=correction)
    return {"statistic": found.statistic, "p_value": found.p_value, "n": found.n}


@named
def fisher_exact_two_sided(table: Any) -> Output:
    """Fisher's p of a table of two groups."""
    found = tables.fisher_exact(table)
    return {"p_value": found.p_value, "n": found.n}


def _of(found: multiplicity.Adjusted) -> Output:
    return {
        "adjusted": list(found.p_values),
        "rejected": sum(found.rejects),
        "rejects": list(found.rejects),
        "rejected_indices": [place for place, rejects in enumerate(found.rejects) if rejects],
    }


@named
def holm_adjusted(p_values: Any, alpha: float = 0.05) -> Output:
    """Holm's adjusted p-values."""
    return _of(multiplicity.holm(p_values, alpha))


@named
def bonferroni(p_values: Any, alpha: float = 0.05) -> Output:
    """Bonferroni's adjusted p-values."""
    return _of(multiplicity.bonferroni(p_values, alpha))


@named
def benjamini_hochberg(p_values: Any, alpha: float = 0.05) -> Output:
    """Benjamini and Hochberg's adjusted p-values."""
    return _of(multiplicity.benjamini_hochberg(p_values, alpha))
