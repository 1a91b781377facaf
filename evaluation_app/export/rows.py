"""A test's samples for a file, in the order of cases, variants and runs, in constant memory.

Read in slices: no cursor or transaction stays open while a slow client reads, and each slice may be read in another
thread. Answers can be long, so that a slice is opened in bites of so many bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from django.db.models import BigIntegerField, F, Func, Value
from django.db.models.functions import Coalesce

from evaluation_app.figures.totals import variant_names
from evaluation_app.models import EvaluationSample, EvaluationTest
from evaluation_app.representation import samples_json
from evaluation_app.sampling import ORDER
from foundation.context import looking
from foundation.downloads.columns import Row

SLICE: Final = 2_000
"""Samples whose keys are read at once; those of one case at least."""
BITE: Final = 500
"""Samples that are opened at once."""
BITE_BYTES: Final = 2 * 2**20
"""Sealed bytes that are opened at once; a single answer may be longer."""


def rows(test: EvaluationTest) -> Iterator[Row]:
    """Each sample as the API shows it, with the case and the variant that it belongs to."""
    names = variant_names(test)
    for keys in _bites(test):
        found = EvaluationSample.objects.filter(id__in=keys).order_by(*ORDER).select_related("execution")
        # Cases and variants are shared by their samples: each of them is opened once a bite.
        for sample in found.prefetch_related("case", "variant", "scores"):
            with looking():
                row = {**_around(test, sample), **samples_json([sample])[0], "variant": names[sample.variant_id]}
            yield row


def case_slices(test: EvaluationTest) -> Iterator[tuple[int, int]]:
    """Places of cases, from and before: as many as have a slice of samples together."""
    step = max(1, SLICE * test.blocks // test.samples)
    for place in range(0, test.blocks, step):
        yield place, place + step


def _around(test: EvaluationTest, sample: EvaluationSample) -> Row:
    case = sample.case
    return {
        "test_id": test.id,
        "test_status": test.status,
        "model_id": sample.variant.model_id,
        "case_name": case.name,
        "cluster": case.cluster,
        "weight": case.weight,
        "tags": case.tags,
        "input": case.input,
        "expected": case.expected,
        "judge_cost": float(sample.judge_cost),
        "ended_at": sample.ended_at,
    }


def _bites(test: EvaluationTest) -> Iterator[list[UUID]]:
    for first, before in case_slices(test):
        bite: list[UUID] = []
        size = 0
        for key, row_size in _keys(test, first, before):
            if bite and (len(bite) >= BITE or size + row_size > BITE_BYTES):
                yield bite
                bite, size = [], 0
            bite.append(key)
            size += row_size
        if bite:
            yield bite


def _keys(test: EvaluationTest, first: int, before: int) -> list[tuple[UUID, int]]:
    """Keys with the sizes of the sealed answers, which PostgreSQL knows without reading them."""
    samples = EvaluationSample.objects.filter(test=test, case__position__gte=first, case__position__lt=before)
    return list(samples.order_by(*ORDER).values_list("id", _bytes("execution__answer") + _bytes("case__input")))


def _bytes(column: str) -> Any:
    length = Func(F(column), function="octet_length", output_field=BigIntegerField())
    return Coalesce(length, Value(0), output_field=BigIntegerField())
