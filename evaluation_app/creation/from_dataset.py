"""A test's cases out of a dataset: copied when the test is made, so that no edit of the dataset changes a result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from accounts.models import User
from evaluation_app.datasets.reading import all_of, cases_in, version_of, visible
from evaluation_app.models import DatasetCase, DatasetVersion
from foundation.problems import FieldError, Problem, invalid

Made = TypeVar("Made")
PLACE: Final = "test_cases"


def with_cases(
    user: User, asked: Mapping[str, Any], make: Callable[[Mapping[str, Any], DatasetVersion | None], Made]
) -> Made:
    """What `make` makes of the body with its cases in it, and of the version that these are of; raises Problem.

    Faults of a dataset's cases are told by their keys, for the body has no places of theirs.
    """
    if "dataset_id" not in asked:
        return make(asked, None)
    version, rows = _cases(user, asked)
    try:
        return make({**asked, PLACE: [_as_test_case(row) for row in rows]}, version)
    except Problem as problem:
        if not any(error["field"].startswith(PLACE) for error in problem.errors):
            raise
        told = [_moved(FieldError(**error), rows) for error in problem.errors]
        raise Problem(problem.status, problem.code, told[0].message, errors=told) from None


def _cases(user: User, asked: Mapping[str, Any]) -> tuple[DatasetVersion, list[DatasetCase]]:
    try:
        dataset = visible(user, asked["dataset_id"])
    except Problem as problem:
        raise _named("dataset_id", problem) from None
    try:
        version = version_of(dataset, asked.get("dataset_version"))
    except Problem as problem:
        raise _named("dataset_version", problem) from None
    wanted = {"split": asked["split"]} if "split" in asked else {}
    rows = list(all_of(cases_in(dataset, version.number, wanted)))
    if not rows:
        of_split = f" of split {asked['split']}" if wanted else ""
        message = f"Version {version.number} of {dataset.name[:80]!r} has no case{of_split}."
        raise invalid([FieldError("split" if wanted else "dataset_id", "no_cases", message)])
    return version, rows


def _named(field: str, problem: Problem) -> Problem:
    errors = [FieldError(field, problem.code, problem.detail)]
    return Problem(problem.status, problem.code, problem.detail, errors=errors)


def _as_test_case(row: DatasetCase) -> dict[str, Any]:
    case = {
        "id": row.key,
        "name": row.name,
        "input": row.input,
        "cluster": row.cluster,
        "weight": row.weight,
        "tags": row.tags,
        "scorers": row.scorers,
        "origin": row.origin,
        "is_generated": row.is_generated,
    }
    return case if row.expected is None else {**case, "expected_output": row.expected}


def _moved(error: FieldError, rows: list[DatasetCase]) -> FieldError:
    place, _, rest = error.field.removeprefix(f"{PLACE}.").partition(".")
    if not error.field.startswith(PLACE) or not place.isdecimal() or int(place) >= len(rows):
        return error
    within = f", {rest}" if rest else ""
    return error._replace(field="dataset_id", message=f"Case {rows[int(place)].key}{within}: {error.message}")
