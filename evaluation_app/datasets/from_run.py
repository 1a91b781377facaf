"""A run as a case: what was asked is its input; of a bad answer nothing is expected."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from accounts.models import User
from evaluation_app.datasets import editing
from evaluation_app.datasets.bodies import checked_cases
from evaluation_app.datasets.inputs import types_of
from evaluation_app.datasets.reading import visible
from evaluation_app.datasets.writing import Saved, create
from evaluation_app.models import CaseOrigin, Dataset, Split
from foundation import json_values
from foundation.problems import Problem, not_found
from playground.models import PromptExecution

BAD: Final = "bad call"
"""The tag of a case whose answer was found wanting."""
NAME: Final = "Bad calls"
"""Of the dataset that takes them where none was chosen."""


def run_of(user: User, execution_id: UUID) -> PromptExecution:
    """The run; a 404 problem for whoever does not see it."""
    found = PromptExecution.objects.visible_to(user).filter(id=execution_id).first()
    if found is None:
        raise not_found("The run")
    return found


def input_of(run: PromptExecution) -> dict[str, Any]:
    """The values that it was made with; without any, its texts."""
    asked = run.request
    if values := asked.get("variables"):
        return dict(values)
    texts = {name: asked[name] for name in ("system_prompt", "messages") if asked.get(name)}
    return (
        {"prompt": asked.get("prompt") or "", **texts}
        if texts.get("messages")
        else {"prompt": asked.get("prompt") or ""}
    )


def add_bad_run(*, user: User, run: PromptExecution, dataset_id: UUID) -> Saved:
    """Adds the run as a case with no expected answer; one that is there word for word is not made twice.

    Raises Problem, also (422) where nothing is known of what was asked.
    """
    input_ = input_of(run)
    if not any(input_.values()):
        raise Problem(422, "no_prompt", "What was asked was not sent here: there is nothing to make a case of.")
    body = {"input": input_, "split": Split.TRAIN.value, "tags": [BAD], "origin": CaseOrigin.HISTORY.value}
    json_values.check(body)
    checked = checked_cases([body], types=types_of(user, visible(user, dataset_id)))
    return editing.merge(user=user, dataset_id=dataset_id, bodies=checked, origin=CaseOrigin.HISTORY)


def dataset_for_bad_runs(user: User, chosen: str) -> Dataset:
    """The dataset of this id, where the user still has it; else their own for bad calls, made with the first."""
    mine = Dataset.objects.visible_to(user).in_use()
    try:
        found = mine.filter(id=UUID(chosen)).first() if chosen else None
    except ValueError:
        found = None
    found = found or mine.filter(owner=user, name=NAME).order_by("created_at").first()
    return found or create(owner=user, name=NAME).dataset
