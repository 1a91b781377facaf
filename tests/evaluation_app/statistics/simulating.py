"""Worlds whose truth is known, and how often the product's own functions cover it; `bench.statistics` prints them all.

Each simulation gives a figure a cell, told by what the cell is. Totals that come twice are reckoned once.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations, product
from typing import Any

import numpy

from evaluation_app.statistics.agreement import cohens_kappa, kappa_of_cases
from evaluation_app.statistics.calibration import Verdict, corrected_rate
from evaluation_app.statistics.cases import CaseTotal
from evaluation_app.statistics.clustering import Passes
from evaluation_app.statistics.comparing import Comparison, compare_variants
from evaluation_app.statistics.differences import bonett_price, units_of
from evaluation_app.statistics.early_stopping import difference_of_blocks
from evaluation_app.statistics.figures import Interval
from evaluation_app.statistics.proportions import success_rate
from evaluation_app.statistics.regression import difference_on_these_cases
from evaluation_app.statistics.reliability import pass_hat_k
from evaluation_app.statistics.scores import bounded_mean
from evaluation_app.statistics.votes import Vote, bradley_terry

Cell = tuple[Any, ...]
WORLDS = ("beta", "flaky few")
CASES = (5, 10, 20, 50)
RUNS = (1, 3, 10)
RATES = (0.5, 0.8, 0.95, 0.99)
ICCS = (0.1, 0.5)


def case_rates(world: str, rate: float, icc: float, shape: tuple[int, ...], random: numpy.random.Generator) -> Any:
    """Pass rates of cases with this mean and ICC: Beta, or most cases sure and few of them flaky, all alike."""
    if world == "beta":
        size = (1 - icc) / icc
        return random.beta(rate * size, (1 - rate) * size, shape)
    flaky = 1 / (1 + icc * rate / (1 - rate))
    return numpy.where(random.random(shape) < flaky, 1 - (1 - rate) / flaky, 1.0)


def covers(interval: Interval | None, truth: float) -> bool:
    """Whether the truth is inside; no interval covers nothing."""
    return interval is not None and interval.low <= truth <= interval.high


def coverage_of_rates(repetitions: int, *, gate: bool = False, seed: int = 1) -> dict[Cell, float]:
    """Rates of cells (world, cases, runs, rate, icc); one run a case is summed exactly over the binomial."""
    random = numpy.random.default_rng(seed)
    found = {}
    for world, cases, runs, rate, icc in product(WORLDS, CASES, RUNS, RATES, ICCS):
        if runs == 1:
            chances = {(1,) * k + (0,) * (cases - k): _binomial(k, cases, rate) for k in range(cases + 1)}
        else:
            drawn = random.binomial(runs, case_rates(world, rate, icc, (repetitions, cases), random))
            rows = Counter(map(tuple, numpy.sort(drawn, axis=1).tolist()))
            chances = {row: times / repetitions for row, times in rows.items()}
        told = [Passes(runs, passed) for passed in range(runs + 1)]
        found[world, cases, runs, rate, icc] = math.fsum(
            chance
            for row, chance in chances.items()
            if covers(success_rate([told[passed] for passed in row], gate=gate).interval, rate)
        )
    return found


def _binomial(k: int, n: int, rate: float) -> float:
    return float(math.comb(n, k) * rate**k * (1 - rate) ** (n - k))


def coverage_of_pass_hat_4(repetitions: int, *, seed: int = 1) -> dict[Cell, float]:
    """pass^4 of eight runs in cells (cases, rate, icc)."""
    random = numpy.random.default_rng(seed)
    found = {}
    for cases, rate, icc in product(CASES, (0.5, 0.8, 0.95), ICCS):
        size = (1 - icc) / icc
        truth = math.prod((rate * size + i) / (size + i) for i in range(4))
        drawn = random.binomial(8, case_rates("beta", rate, icc, (repetitions, cases), random)).tolist()
        hits = sum(covers(bounded_mean([[pass_hat_k(8, c, 4)] for c in row]).interval, truth) for row in drawn)
        found[cases, rate, icc] = hits / repetitions
    return found


def coverage_of_scores(repetitions: int, *, seed: int = 1) -> dict[Cell, float]:
    """Average scores in 0…1 that are no passes, three runs a case, in cells (cases, mean)."""
    random = numpy.random.default_rng(seed)
    found = {}
    for cases, mean in product(CASES, (0.5, 0.8, 0.95)):
        centres = random.beta(mean * 4, (1 - mean) * 4, (repetitions, cases, 1))
        scores = random.beta(centres * 8 + 1e-3, (1 - centres) * 8 + 1e-3, (repetitions, cases, 3))
        truth = float(numpy.mean((centres * 8 + 1e-3) / (8 + 2e-3)))
        hits = sum(covers(bounded_mean(row).interval, truth) for row in scores.tolist())
        found[cases, mean] = hits / repetitions
    return found


def coverage_of_differences(repetitions: int, *, seed: int = 1) -> dict[Cell, float]:
    """Bonett and Price's interval in cells (cases, runs, rate of A, effect, whether B's cases are those of A)."""
    random = numpy.random.default_rng(seed)
    found = {}
    for cases, runs, rate, effect, alike in product(CASES, RUNS, (0.5, 0.8, 0.95), (0.0, -0.2), (True, False)):
        shape = (repetitions, cases)
        of_a = case_rates("beta", rate, 0.5, shape, random)
        of_b = (of_a if alike else case_rates("beta", rate, 0.5, shape, random)) * (1 + effect)
        differences = (random.binomial(runs, of_b) - random.binomial(runs, of_a)) / runs
        rows = Counter(map(tuple, numpy.sort(differences, axis=1).tolist()))
        hits = sum(times for row, times in rows.items() if covers(bonett_price(units_of(row)), rate * effect))
        found[cases, runs, rate, effect, alike] = hits / repetitions
    return found


def coverage_of_other_runs(repetitions: int, *, seed: int = 1) -> dict[Cell, float]:
    """The second estimand in cells (cases, runs of A and B, rate, effect): cases stay, their runs are drawn anew."""
    random = numpy.random.default_rng(seed)
    found = {}
    several = ((2, 2), (3, 3), (10, 10), (2, 20), (20, 2))
    for cases, runs, rate, effect in product((5, 10, 20), several, (0.5, 0.9), (0.0, -0.1)):
        hits = 0
        for _ in range(repetitions):
            of_a = case_rates("beta", rate, 0.3, (cases, 1), random)
            of_b = numpy.clip(of_a + effect, 0, 1)
            a, b = ((random.random((cases, n)) < rates) * 1.0 for n, rates in zip(runs, (of_a, of_b), strict=True))
            estimate = difference_on_these_cases(a.tolist(), b.tolist(), seed=seed)
            hits += covers(estimate.interval, float((of_b - of_a).mean()))
        found[cases, runs, rate, effect] = hits / repetitions
    return found


def coverage_of_corrected_rates(
    repetitions: int, *, samples: Sequence[int] = (400,), seed: int = 1
) -> dict[Cell, float]:
    """The judge's rate put right by 50 or 100 labels, in cells (samples, labels, rate, sensitivity, specificity)."""
    random = numpy.random.default_rng(seed)
    found = {}
    judges = ((0.99, 1.0), (1.0, 0.97), (0.95, 0.95), (0.7, 0.9))
    for size, labels, rate, (sensitivity, specificity) in product(samples, (50, 100), (0.5, 0.7), judges):
        estimates = []
        for _ in range(repetitions):
            truth = random.random(size) < rate
            judge = numpy.where(truth, random.random(size) < sensitivity, random.random(size) >= specificity)
            verdicts = [
                Verdict(i, judged, true if i < labels else None)
                for i, (judged, true) in enumerate(zip(judge.tolist(), truth.tolist(), strict=True))
            ]
            estimates.append(corrected_rate(verdicts))
        told = [estimate.interval for estimate in estimates if estimate.value is not None]
        found[size, labels, rate, sensitivity, specificity] = sum(covers(one, rate) for one in told) / len(told)
    return found


def coverage_of_kappa(repetitions: int, *, seed: int = 1) -> dict[Cell, float]:
    """κ of a judge with one person in cells (labels, rate, sensitivity, specificity)."""
    random = numpy.random.default_rng(seed)
    found = {}
    judges = ((0.99, 0.99), (0.95, 0.95), (0.97, 0.8), (0.6, 0.6))
    for labels, rate, (sensitivity, specificity) in product((50, 100), (0.5, 0.8), judges):
        cells = [rate * sensitivity, rate * (1 - sensitivity), (1 - rate) * (1 - specificity), (1 - rate) * specificity]
        by_chance = rate * (cells[0] + cells[2]) + (1 - rate) * (cells[1] + cells[3])
        truth = (cells[0] + cells[3] - by_chance) / (1 - by_chance)
        rows = Counter(map(tuple, random.multinomial(labels, cells, repetitions).tolist()))
        kappas = [(cohens_kappa([row[:2], row[2:]]).kappa, times) for row, times in rows.items()]
        told = [(kappa.interval, times) for kappa, times in kappas if kappa.value is not None]
        hits = sum(times for interval, times in told if covers(interval, truth))
        found[labels, rate, sensitivity, specificity] = hits / sum(times for _, times in told)
    return found


def coverage_of_kappa_of_cases(repetitions: int, *, seed: int = 1) -> dict[Cell, float]:
    """κ where the runs of a case hang together, and the judge's errors on them, in cells (labels, cases, ICC)."""
    random = numpy.random.default_rng(seed)
    rate, sensitivity, specificity = 0.6, 0.75, 0.62
    passes = rate * sensitivity + (1 - rate) * (1 - specificity)
    by_chance = rate * passes + (1 - rate) * (1 - passes)
    truth = (rate * sensitivity + (1 - rate) * specificity - by_chance) / (1 - by_chance)
    found = {}
    for labels, cases, icc in ((50, 50, 0.0), (50, 10, 0.7), (100, 20, 0.7), (200, 60, 0.7)):
        hits = 0
        for _ in range(repetitions):
            person, luck = random.random(cases) < rate, random.random(cases)
            of_case = numpy.arange(labels) % cases
            alike = random.random((2, labels)) < icc
            said = numpy.where(alike[0], person[of_case], random.random(labels) < rate)
            drawn = numpy.where(alike[1], luck[of_case], random.random(labels))
            judged = numpy.where(said, drawn < sensitivity, drawn >= specificity)
            tables = numpy.zeros((cases, 2, 2), dtype=int)
            numpy.add.at(tables, (of_case, 1 - judged, 1 - said), 1)
            hits += covers(kappa_of_cases(tables.tolist()).kappa.interval, truth)
        found[labels, cases, icc] = hits / repetitions
    return found


def coverage_of_votes(repetitions: int, *, seed: int = 1) -> dict[Cell, float]:
    """Bradley-Terry strengths of four contestants, in cells (cases, votes a pair, spread); cases do not sway votes."""
    random = numpy.random.default_rng(seed)
    found = {}
    for cases, votes, spread in product((5, 20), (1, 3), (0.5, 1.5)):
        truth = dict(zip("abcd", numpy.linspace(-spread, spread, 4).tolist(), strict=True))
        hits = 0
        for _ in range(repetitions):
            cast = [
                Vote(a, b, float(random.random() < 1 / (1 + math.exp(truth[b] - truth[a]))), f"{case}")
                for case in range(cases)
                for a, b in combinations(truth, 2)
                for _ in range(votes)
            ]
            hits += sum(covers(one.strength.interval, truth[one.name]) for one in bradley_terry(cast))
        found[cases, votes, spread] = hits / repetitions / len(truth)
    return found


def null_comparisons(
    repetitions: int, cases: int, runs: Sequence[int], *, rate: float, seed: int = 1
) -> Iterator[list[Comparison]]:
    """Variants that are all the same, with so many runs a case each (0: between one and five, case by case)."""
    random = numpy.random.default_rng(seed)
    for _ in range(repetitions):
        rates = case_rates("beta", rate, 0.3, (cases,), random)
        variants = {}
        for variant, most in enumerate(runs):
            sizes = random.integers(1, 6, cases) if most == 0 else numpy.full(cases, most)
            drawn = zip(sizes.tolist(), random.binomial(sizes, rates).tolist(), strict=True)
            variants[f"variant {variant}"] = [CaseTotal(f"{i:04}", n, c) for i, (n, c) in enumerate(drawn)]
        yield compare_variants(variants, seed=seed)


def stops(repetitions: int, effect: float, *, blocks: int = 200, seed: int = 1) -> list[int | None]:
    """The block at which each test stopped, looked at after every one; None where it came to its end."""
    random = numpy.random.default_rng(seed)
    found: list[int | None] = []
    for _ in range(repetitions):
        of_a = case_rates("beta", 0.6, 0.5, (blocks,), random)
        of_b = numpy.clip(of_a + effect, 0, 1)
        differences = ((random.binomial(3, of_b) - random.binomial(3, of_a)) / 3).tolist()
        state, stopped = difference_of_blocks(), None
        for block, difference in enumerate(differences, 1):
            state = state.after(difference)
            if state.excludes(0.0):
                stopped = block
                break
        found.append(stopped)
    return found
