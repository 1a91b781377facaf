"""What a dataset is besides its cases: name, description, what its inputs are typed against, whether it is in use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from evaluation_app.datasets.bodies import MOST_TOLD
from evaluation_app.datasets.errors import name_taken
from evaluation_app.datasets.inputs import chosen_template, input_faults, types_of_template
from evaluation_app.datasets.reading import all_of
from evaluation_app.models import Dataset, DatasetCase
from foundation.problems import invalid, not_found

DETAILS: Final = ("name", "description", "template_id", "archived")


def change(
    *, user: User, dataset_id: UUID, details: Mapping[str, Any], check: Callable[[Dataset], None] = lambda _: None
) -> Dataset:
    """The dataset with these details; raises Problem, also that of `check`, which sees it locked."""
    try:
        with transaction.atomic():
            dataset = Dataset.objects.visible_to(user).select_for_update().filter(id=dataset_id).first()
            if dataset is None:
                raise not_found("The dataset")
            check(dataset)
            if template_id := details.get("template_id"):
                _check_inputs(user, dataset, template_id)
            for name in DETAILS:
                if name in details:
                    setattr(dataset, name, details[name])
            dataset.revision, dataset.updated_at = F("revision") + 1, timezone.now()
            dataset.save(update_fields=[*_columns(details), "revision", "updated_at"])
    except IntegrityError:
        raise name_taken(str(details.get("name") or "the same")) from None
    dataset.refresh_from_db()
    return dataset


def _columns(details: Mapping[str, Any]) -> list[str]:
    return ["template" if name == "template_id" else name for name in DETAILS if name in details]


def _check_inputs(user: User, dataset: Dataset, template_id: UUID) -> None:
    """Cases that are there must fit what they are to be typed against."""
    types = types_of_template(chosen_template(user, template_id))
    rows = all_of(DatasetCase.objects.of(dataset, dataset.newest))
    placed = ((f"cases.{row.key}", row.input) for row in rows)
    if faults := input_faults(types, placed, most=MOST_TOLD):
        raise invalid(faults)
