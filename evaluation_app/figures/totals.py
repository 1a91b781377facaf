"""The totals of a test as statistics take them: by variant, whole cases only."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from django.db.models import F, Min

from evaluation_app.models import CaseTotal as Row
from evaluation_app.models import EvaluationTest, EvaluationVariant
from evaluation_app.statistics.cases import CaseTotal

Totals = dict[str, list[CaseTotal]]
"""By the variant's name, in the order of the variants."""


def whole_cases(test: EvaluationTest) -> Totals:
    """Every case that all variants were asked as often as they should: half-asked ones would favour quick answers."""
    return _totals(test, test.totals.exclude(case__in=test.totals.filter(skipped__gt=0).values("case")))


def finished_prefix(test: EvaluationTest) -> Totals:
    """The same of the longest run of finished blocks from the first: what ends early says nothing of the rest."""
    first_open = test.cases.filter(open_samples__gt=0).aggregate(block=Min("block"))["block"]
    rows = test.totals.filter(skipped=0)
    return _totals(test, rows if first_open is None else rows.filter(block__lt=first_open))


def finished_blocks(test: EvaluationTest, *, since: int) -> list[dict[str, CaseTotal]]:
    """The finished blocks from this one up to the first that is open, each with its case's total by variant."""
    first_open = test.cases.filter(open_samples__gt=0).aggregate(block=Min("block"))["block"]
    if first_open is not None and first_open <= since:
        return []
    rows = test.totals.filter(block__gte=since)
    rows = rows if first_open is None else rows.filter(block__lt=first_open)
    found: dict[str, dict[str, CaseTotal]] = {}
    for name, cases in _totals(test, rows.order_by("block")).items():
        for case in cases:
            found.setdefault(case.case, {})[name] = case
    return list(found.values())


def _totals(test: EvaluationTest, rows: Any) -> Totals:
    variants = list(test.variants.order_by("position"))
    found: dict[UUID, list[CaseTotal]] = {variant.id: [] for variant in variants}
    names = names_of(test)
    priced = {variant.id: bool(variant.prices) for variant in variants}
    for row in _with_cases(rows).iterator(chunk_size=500):
        found[row.variant_id].append(_total(row, names[row.position], is_priced=priced[row.variant_id]))
    return {name: found[key] for key, name in _unique(variants).items()}


def _with_cases(rows: Any) -> Any:
    return rows.annotate(cluster=F("case__cluster"), position=F("case__position"), weight=F("case__weight"))


def variant_names(test: EvaluationTest) -> dict[UUID, str]:
    """The variants' names as results have them, in their order; one that stands twice tells its place."""
    return _unique(list(test.variants.order_by("position")))


def _unique(variants: list[EvaluationVariant]) -> dict[UUID, str]:
    names = Counter(variant.name for variant in variants)
    return {each.id: each.name if names[each.name] == 1 else f"{each.name} ({each.position + 1})" for each in variants}


def names_of(test: EvaluationTest) -> list[str]:
    """A stable name of each case, in the order of their places; one that stands twice tells which of the two it is."""
    seen: Counter[str] = Counter()
    named = []
    for key in test.cases.order_by("position").values_list("key", flat=True):
        seen[key] += 1
        named.append(key if seen[key] == 1 else f"{key}#{seen[key]}")
    return named


def names_of_generated(test: EvaluationTest) -> frozenset[str]:
    """The names of those that a model made."""
    marks = test.cases.order_by("position").values_list("is_generated", flat=True)
    return frozenset(name for name, is_generated in zip(names_of(test), marks, strict=True) if is_generated)


def names_in_order(test: EvaluationTest) -> list[str]:
    """The same names in the order in which the cases are worked on, which was drawn."""
    blocks = test.cases.order_by("position").values_list("block", flat=True)
    return [name for _, name in sorted(zip(blocks, names_of(test), strict=True))]


def _total(row: Row, name: str, *, is_priced: bool) -> CaseTotal:
    are_passes = all(score in (None, float(passed)) for score, passed in zip(row.scores, row.passes, strict=True))
    is_scored = not are_passes and None not in row.scores
    cluster: str = row.cluster  # type: ignore[attr-defined] # annotated
    weight: float = row.weight  # type: ignore[attr-defined] # annotated
    return CaseTotal(
        case=name,
        scored=len(row.passes),
        passed=sum(row.passes),
        scores=tuple(float(score) for score in row.scores if score is not None) if is_scored else (),
        errors=row.errors + row.scorer_errors,
        latencies=tuple(row.latencies),
        cost=row.cost if is_priced else None,
        answers=tuple(Counter(row.digests).values()),
        meanings=tuple(Counter(row.meanings).values()),
        cluster=cluster or None,
        weight=weight,
    )
