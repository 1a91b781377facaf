"""Quantiles and tails, from scipy, which is loaded with the first of them and not when a server starts."""

from __future__ import annotations

import math
from functools import lru_cache


def upper_tail(confidence: float) -> float:
    """The probability below the upper end of a two-sided interval: 0.975 for 0.95."""
    return 1 - (1 - confidence) / 2


@lru_cache(maxsize=1024)
def normal_quantile(probability: float) -> float:
    """z of a probability."""
    from scipy.special import ndtri

    return float(ndtri(probability))


@lru_cache(maxsize=4096)
def t_quantile(probability: float, freedom: float) -> float:
    """Student's t of a probability with so many degrees of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, probability))


def t_both_tails(statistic: float, freedom: float) -> float:
    """The two-sided p of a t statistic."""
    from scipy.special import stdtr

    return float(min(1.0, 2 * stdtr(freedom, -abs(statistic))))


def normal_both_tails(statistic: float) -> float:
    """The two-sided p of a z statistic."""
    from scipy.special import ndtr

    return float(min(1.0, 2 * ndtr(-abs(statistic))))


def binomial_below(successes: int, trials: int) -> float:
    """The chance of at most so many successes at a chance of one half."""
    from scipy.special import bdtr

    return float(bdtr(successes, trials, 0.5))


def chi_square_tail(statistic: float, freedom: float) -> float:
    """The upper tail of chi-square."""
    from scipy.special import chdtrc

    return float(chdtrc(freedom, statistic))


@lru_cache(maxsize=65536)
def beta_quantile(probability: float, a: float, b: float) -> float:
    """The quantile of a Beta distribution."""
    from scipy.special import betaincinv

    return float(betaincinv(a, b, probability))


def power_of_t(effect_size: float, n: float, freedom: float, alpha: float) -> float:
    """The power of a two-sided t test whose non-centrality is effect_size·√n."""
    from scipy.special import nctdtr

    critical = t_quantile(1 - alpha / 2, freedom)
    shift = abs(effect_size) * n**0.5
    the_other_way = nctdtr(freedom, shift, -critical)
    return float(1 - nctdtr(freedom, shift, critical) + (0 if math.isnan(the_other_way) else the_other_way))
