"""Which cases proposals are made from, and which they are judged on: never the same.

A dataset says it itself (train, held_out). Else the cases are halved by a hash of the test's seed and the cluster (or
key) of each, so that the halves are the same however often they are asked for, and no document stands in both.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from evaluation_app.creation.case_scorers import expected_text
from evaluation_app.models import DatasetCase, EvaluationCase, EvaluationTest, Split


@dataclass(frozen=True, slots=True)
class Division:
    """The cases of a test in two."""

    train: frozenset[UUID]
    """Cases of the test (EvaluationCase.id) that a recommending model may see."""
    held_out: list[dict[str, Any]]
    """Test cases as a body has them, that it never sees."""

    @property
    def clusters(self) -> int:
        """What the held-out cases count as."""
        return len({case.get("cluster") or case["id"] for case in self.held_out})


def division_of(test: EvaluationTest) -> Division:
    """The division of a test's cases."""
    cases = list(test.cases.order_by("position"))
    if test.dataset_version is None:
        held_out = {case.id for case in cases if _is_held_out(test, case)}
        return Division(
            frozenset(case.id for case in cases if case.id not in held_out),
            [_body(case) for case in cases if case.id in held_out],
        )
    version = test.dataset_version
    rows = {row.key: row for row in DatasetCase.objects.of(version.dataset, version.number)}
    train = [case for case in cases if case.key in rows and rows[case.key].split == Split.TRAIN]
    asked = {case.key: case for case in cases}
    common = _common(cases)
    held_out_rows = [row for row in rows.values() if row.split == Split.HELD_OUT]
    return Division(
        frozenset(case.id for case in train),
        [_body(asked[row.key]) if row.key in asked else _body_of_row(row, common) for row in held_out_rows],
    )


def _is_held_out(test: EvaluationTest, case: EvaluationCase) -> bool:
    told = f"{test.seed}\0{case.cluster or case.key}"
    return hashlib.sha256(told.encode()).digest()[0] % 2 == 1


def _body(case: EvaluationCase) -> dict[str, Any]:
    expected = expected_text(case.expected)
    body = {
        "id": case.key,
        "name": case.name,
        "input": case.input,
        "tags": case.tags,
        "scorers": case.scorers,
        "weight": case.weight,
        "is_generated": case.is_generated,
        **({"cluster": case.cluster} if case.cluster else {}),
    }
    return body if expected is None else {**body, "expected_output": {"value": expected}}


def _body_of_row(row: DatasetCase, common: list[Mapping[str, Any]]) -> dict[str, Any]:
    """A case of the dataset that the test did not ask, judged as those that it did."""
    body = {
        "id": row.key,
        "name": row.name,
        "input": row.input,
        "tags": row.tags,
        "scorers": [*row.scorers, *(scorer for scorer in common if scorer not in row.scorers)],
        "weight": row.weight,
        "is_generated": row.is_generated,
        **({"cluster": row.cluster} if row.cluster else {}),
    }
    return body if row.expected is None else {**body, "expected_output": row.expected}


def _common(cases: Iterable[EvaluationCase]) -> list[Mapping[str, Any]]:
    """The scorers that stand with every case: those that were given for all."""
    first, *others = (case.scorers for case in cases)
    in_all = [{json.dumps(scorer, sort_keys=True) for scorer in scorers} for scorers in others]
    return [scorer for scorer in first if all(json.dumps(scorer, sort_keys=True) in each for each in in_all)]
