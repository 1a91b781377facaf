"""Reference names of rates and means."""

from __future__ import annotations

from typing import Any

from evaluation_app.statistics import clustering, proportions, scores
from evaluation_app.statistics.errors import InvalidArgument, numbers
from evaluation_app.statistics.reference.registry import Output, named, of_estimate


def _passes(clusters: Any) -> list[clustering.Passes]:
    """Clusters as lists of 0 and 1."""
    found = []
    for cluster in clusters:
        values = numbers("clusters", cluster, 0, 1, least=0)
        if any(value not in (0, 1) for value in values):
            raise InvalidArgument("clusters", "must hold lists of 0 and 1.")
        found.append(clustering.Passes(len(values), int(sum(values))))
    return found


@named
def wilson_interval(successes: Any, trials: Any, confidence: float = 0.95) -> Output:
    """Ends of a rate of independent trials."""
    return of_estimate(proportions.wilson_interval(successes, trials, confidence))


@named
def clopper_pearson_interval(successes: Any, trials: Any, confidence: float = 0.95) -> Output:
    """Exact ends of a rate of independent trials."""
    return of_estimate(proportions.clopper_pearson_interval(successes, trials, confidence))


@named
def wilson_clustered_interval(clusters: Any, confidence: float = 0.95) -> Output:
    """Ends of a rate of repeated runs."""
    return of_estimate(proportions.wilson_clustered_interval(_passes(clusters), confidence))


@named
def clustered_standard_error(clusters: Any, finite_correction: bool = True) -> Output:
    """The standard error of a pooled mean."""
    groups = [numbers("clusters", cluster) for cluster in clusters if len(cluster)]
    if not groups:
        raise InvalidArgument("clusters", "must hold a sample.")
    sizes, sums = [len(group) for group in groups], [sum(group) for group in groups]
    known = len(groups) > 1 or not finite_correction
    error = clustering.standard_error_of_mean(sizes, sums, finite_correction=finite_correction) if known else None
    return {"mean": sum(sums) / sum(sizes), "standard_error": error, "clusters": len(groups), "n": sum(sizes)}


@named
def clustered_t_interval(clusters: Any, confidence: float = 0.95) -> Output:
    """The pooled mean and its ends by t."""
    return of_estimate(scores.clustered_t_interval(clusters, confidence))


@named
def mean_of_case_means_interval(clusters: Any, confidence: float = 0.95) -> Output:
    """The mean of the cases' means and its ends by t."""
    return of_estimate(scores.mean_of_case_means(clusters, confidence))


@named
def icc_anova(clusters: Any) -> Output:
    """The raw intraclass correlation; None where there is nothing to correlate."""
    groups = [numbers("clusters", cluster) for cluster in clusters if len(cluster)]
    squares = [sum(value * value for value in group) for group in groups]
    found = clustering.spread([len(group) for group in groups], [sum(group) for group in groups], squares)
    return {
        "icc": found.icc,
        "value": found.icc,
        "k0": found.k0,
        "variance_between": found.between,
        "variance_within": found.within,
    }


@named
def standard_error(values: Any) -> Output:
    """The mean and its standard error."""
    mean, error = scores.standard_error(values)
    return {"mean": mean, "standard_error": error, "n": len(values)}


@named
def percentile_linear(values: Any, q: Any) -> Output:
    """A quantile by linear interpolation."""
    return {"value": scores.percentile(values, q)}
