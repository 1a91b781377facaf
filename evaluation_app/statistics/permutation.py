"""Whether a mean difference is more than chance: signs of the cases' differences flipped."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from evaluation_app.statistics.errors import InvalidArgument, numbers

EXACT_PATTERNS: Final = 100_000
"""Up to as many sign patterns all are counted; above, FLIPS of them are drawn."""
FLIPS: Final = 9_999
RARE: Final = 10
"""So few of the FLIPS as far out as what was seen say only that p is small: it is drawn anew, by signs that lean."""
LEAN: Final = 5.0
"""Standard deviations by which they lean: p between 1e-3 and 1e-12 is found to a tenth of itself."""
MOST_EXACT: Final = 40
"""Differences for which counting all patterns stays quick (each half makes a million sums)."""
CASES_FOR_A_VERDICT: Final = 6
"""Five cases never show anything, at whatever confidence; six can come to p = 0.03125."""
ALIKE: Final = 1e-9
"""Sums nearer than this share of all differences are a tie: 1/3 + 1/3 + 1/3 differs from 1 in the last bit."""
BATCH: Final = 2_000_000
"""Signs held in memory at a time."""


@dataclass(frozen=True, slots=True)
class SignFlips:
    """`informative` differences are those off zero; the least p they allow is 2^(1 - informative)."""

    method: str
    p_value: float
    informative: int
    seed: int | None = None


def least_p(informative: int) -> float:
    """The least two-sided p of so many differences: five cases never come under 0.0625."""
    return min(1.0, 2.0 ** (1 - informative))


def sign_flip_test(differences: Sequence[float], *, seed: int) -> SignFlips:
    """The two-sided p of a mean of zero: exact while 2^C ≤ EXACT_PATTERNS, else FLIPS drawn with p = (b + 1)/(n + 1).

    Where b < RARE, that can be no less than 1e-4, which many comparisons at a high confidence need: p is then drawn by
    importance (Harrison 2012), and holds as exactly. Zeros leave p as it is, so C counts the others. The order of the
    cases and the sign of all change no bit.
    """
    sizes, seen, tie = _sorted_sizes(differences)
    if 2 ** len(sizes) <= EXACT_PATTERNS:
        return SignFlips("sign_flips_exact", _exact(sizes, seen - tie), len(sizes))
    return SignFlips("sign_flips_drawn", _drawn(sizes, seen, seen - tie, seed), len(sizes), seed)


def sign_flip_exact(differences: Sequence[float]) -> SignFlips:
    """The same with every pattern counted; InvalidArgument above MOST_EXACT differences."""
    sizes, seen, tie = _sorted_sizes(differences)
    if len(sizes) > MOST_EXACT:
        raise InvalidArgument("differences", f"are too many to count all patterns: {len(sizes)} of {MOST_EXACT}.")
    return SignFlips("sign_flips_exact", _exact(sizes, seen - tie), len(sizes))


def _sorted_sizes(differences: Sequence[float]) -> tuple[list[float], float, float]:
    values = numbers("differences", differences)
    tie = ALIKE * math.fsum(abs(value) for value in values)
    largest = max(abs(value) for value in values)
    sizes = sorted(abs(value) for value in values if abs(value) > ALIKE * largest)
    return sizes, abs(math.fsum(values)), tie


def _exact(sizes: list[float], threshold: float) -> float:
    if not sizes or threshold <= 0:
        return 1.0
    left, right = _signed_sums(sizes[::2]), sorted(_signed_sums(sizes[1::2]))
    beyond = sum(len(right) - bisect_left(right, threshold - total) for total in left)
    return math.ldexp(beyond, 1 - len(sizes))


def _signed_sums(sizes: list[float]) -> list[float]:
    sums = [0.0]
    for size in sizes:
        sums = [total + sign for sign in (size, -size) for total in sums]
    return sums


def _drawn(sizes: list[float], seen: float, threshold: float, seed: int) -> float:
    import numpy

    generator = numpy.random.default_rng(seed)
    values, beyond = numpy.array(sizes), 0
    row = math.ceil(len(sizes) / 8)
    for rows in _batches(len(sizes)):
        drawn = numpy.frombuffer(generator.bytes(rows * row), dtype=numpy.uint8).reshape(rows, row)
        positive = numpy.unpackbits(drawn, axis=1, count=len(sizes)).astype(float)
        beyond += int((numpy.abs(2 * (positive @ values) - values.sum()) >= threshold).sum())
    if beyond < RARE:
        return _leaning(values, seen, threshold, generator)
    return (beyond + 1) / (FLIPS + 1)


def _leaning(values: Any, seen: float, threshold: float, generator: Any) -> float:
    """(w(seen) + Σ w of draws as far out) / (n + 1), with w the chance of a pattern over that of being drawn.

    Either sign is drawn as often, so that of a sum S it is Π cosh(θ·size) / cosh(θ·S). θ hangs on the sizes alone.
    """
    import numpy

    theta = LEAN / math.sqrt(math.fsum(values**2))
    whole = math.fsum(_log_cosh(theta * values))
    positive = 1 / (1 + numpy.exp(-2 * theta * values))
    sums = [
        2 * ((generator.random((rows, len(values))) < positive) @ values) - values.sum()
        for rows in _batches(len(values))
    ]
    told = numpy.abs(numpy.concatenate(sums))
    weights = numpy.exp(whole - _log_cosh(theta * told[told >= threshold]))
    return min(1.0, (math.exp(whole - float(_log_cosh(theta * seen))) + math.fsum(weights)) / (FLIPS + 1))


def _log_cosh(x: Any) -> Any:
    import numpy

    return numpy.logaddexp(x, -x) - math.log(2)


def _batches(size: int) -> Iterator[int]:
    """Rows of signs to hold at a time, FLIPS in all."""
    left = FLIPS
    while left:
        rows = min(left, max(1, BATCH // size))
        yield rows
        left -= rows
