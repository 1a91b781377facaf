"""What datasets refuse: code, HTTP status and a sentence, on one screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evaluation_app.models import Dataset
from foundation.problems import FieldError, Problem, not_found


def name_taken(name: str) -> Problem:
    """409: names are what a person finds a dataset by."""
    message = f"You have another dataset called {name[:80]}."
    return Problem(409, "name_taken", message, errors=[FieldError("name", "name_taken", message)])


def archived(dataset: Dataset) -> Problem:
    """409: it can be read, and brought back."""
    return Problem(409, "archived", f"{dataset.name[:80]!r} is archived: PATCH {{archived: false}} brings it back.")


def conflict(newest: int, changed: Sequence[Mapping[str, Any]], count: int) -> Problem:
    """409: somebody saved in between; what they changed comes along."""
    message = f"Version {newest} is the newest by now: {count} {'case has' if count == 1 else 'cases have'} changed."
    return Problem(409, "conflict", message, current_version=newest, changed=list(changed), changed_count=count)


def stale(current: Any) -> Problem:
    """412: `If-Match` names an older state; the present one comes along."""
    return Problem(412, "stale", "It has been changed since; `current` is what it is now.", current=current)


def no_version(number: int) -> Problem:
    """404: the dataset is there, that version is not."""
    message = f"The dataset has no version {number}."
    return Problem(404, "no_such_version", message)


def no_case(key: str) -> Problem:
    """404: the newest version has no such case."""
    return not_found(f"The case {key[:64]!r}")
