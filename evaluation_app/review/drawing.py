"""Which answers of a test are reviewed, and in which order: drawn from a seed, the same again from the same one."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import Final, NamedTuple
from uuid import UUID

from evaluation_app.lifecycle import ANSWERED
from evaluation_app.models import EvaluationSample, EvaluationTest, ReviewSelection, SampleState

ORDER: Final = ("case__position", "variant__position", "run")
"""What is drawn from stands in an order that no database changes: a seed alone decides."""


class Drawn(NamedTuple):
    """One item to be: a sample, or two of one case."""

    sample: UUID
    other: UUID | None = None


class _Row(NamedTuple):
    id: UUID
    case: UUID
    variant: UUID
    run: int
    state: str


def draw(
    test: EvaluationTest, *, selection: str, size: int | None, seed: int, pair: tuple[UUID, UUID] | None
) -> list[Drawn]:
    """`size` items (None: all) in the order in which they are reviewed; of `pair`, two variants, where it is given.

    The order is drawn as well: whatever is reviewed when everybody has gone home is again a random part.
    """
    found = _selected(_answered(test), selection)
    items = _pairs(found, *pair) if pair else [Drawn(row.id) for row in found]
    random.Random(seed).shuffle(items)  # noqa: S311 - no secret
    return items if size is None else items[:size]


def is_swapped(seed: int, item_id: UUID, rater_id: UUID) -> bool:
    """Whether this rater is shown the second answer of this pair as A; half of all are, whoever asks again."""
    return bool(hashlib.sha256(f"{seed}:{item_id}:{rater_id}".encode()).digest()[0] & 1)


def _answered(test: EvaluationTest) -> list[_Row]:
    """Of the cases that the test's figures are of: those that were asked in full."""
    samples = EvaluationSample.objects.filter(test=test)
    cut_off = samples.filter(state=SampleState.SKIPPED).values("case")
    rows = samples.filter(state__in=ANSWERED, execution__isnull=False).exclude(case__in=cut_off).order_by(*ORDER)
    return [_Row(*row) for row in rows.values_list("id", "case_id", "variant_id", "run", "state")]


def _selected(rows: Sequence[_Row], selection: str) -> list[_Row]:
    if selection == ReviewSelection.FAILURES:
        return [row for row in rows if row.state == SampleState.FAILED]
    if selection == ReviewSelection.FLAKY:
        states: dict[tuple[UUID, UUID], set[str]] = {}
        for row in rows:
            states.setdefault((row.case, row.variant), set()).add(row.state)
        return [row for row in rows if states[row.case, row.variant] >= {SampleState.PASSED, SampleState.FAILED}]
    return list(rows)


def _pairs(rows: Sequence[_Row], first: UUID, second: UUID) -> list[Drawn]:
    """A run of a case by the one variant with the same run by the other: no answer is in two pairs."""
    others = {(row.case, row.run): row.id for row in rows if row.variant == second}
    return [
        Drawn(row.id, others[row.case, row.run])
        for row in rows
        if row.variant == first and (row.case, row.run) in others
    ]
