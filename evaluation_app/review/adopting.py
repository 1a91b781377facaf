"""A corrected answer becomes what is expected of its case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from accounts.models import User
from evaluation_app.datasets.editing import edit
from evaluation_app.models import AdoptedAnswer, DatasetCase, ReviewItem, ReviewLabel
from foundation.problems import FieldError, invalid


def adopt(*, owner: User, case_key: str, text: str, label: ReviewLabel | None = None) -> AdoptedAnswer:
    """Keeps `text` as what is expected of the case with this key in the owner's later tests; a new one replaces it.

    Results that there are stand as they are: a test was judged by what was expected of it then.
    """
    row = AdoptedAnswer.objects.filter(owner=owner, case_key=case_key).first()
    row = row or AdoptedAnswer(owner=owner, case_key=case_key)
    row.text, row.label = text, label
    row.save()
    return row


def adopt_from(item: ReviewItem, *, owner: User, text: str | None, label_id: UUID | None) -> AdoptedAnswer:
    """What the owner wrote; else what this label says; else the newest correction of the item. Raises Problem."""
    label = None
    if text is None:
        label = _correction(item, label_id)
        text = str(label.corrected)
    _into_dataset(item, owner=owner, text=text)
    return adopt(owner=owner, case_key=item.sample.case.key, text=text, label=label)


def _into_dataset(item: ReviewItem, *, owner: User, text: str) -> None:
    """A new version of the dataset that the test was made of, where it still holds the case. Raises Problem."""
    case, version = item.sample.case, item.sample.test.dataset_version
    if version is None:
        return
    dataset = version.dataset
    row = DatasetCase.objects.of(dataset, dataset.newest).filter(key=case.key).first()
    if row is None or dataset.archived:
        return
    changes = {"expected_output": expecting(row.expected, text)}
    edit(user=owner, dataset_id=dataset.id, key=case.key, changes=changes, note="Corrected in a review")


def expecting(expected: Mapping[str, Any] | None, text: str) -> dict[str, Any]:
    """What is expected, with this text in it; where nothing was, an answer of about the same meaning."""
    told = dict(expected or {"type": "semantic"})
    if "keywords" in told and "value" not in told:
        return {**told, "keywords": [text]}
    return {**told, "value": text}


def adopted_answers(owner: User, case_keys: Iterable[str]) -> dict[str, str]:
    """What was adopted, by the case's key."""
    rows = AdoptedAnswer.objects.filter(owner=owner, case_key__in=set(case_keys))
    return {row.case_key: str(row.text) for row in rows}


def _correction(item: ReviewItem, label_id: UUID | None) -> ReviewLabel:
    labels = ReviewLabel.objects.filter(item=item, undone_at=None).order_by("-created_at")
    rows = labels.filter(id=label_id) if label_id else labels
    found = next((label for label in rows if label.corrected), None)
    if found is None:
        raise invalid([FieldError("label_id" if label_id else "text", "required", "There is no corrected answer.")])
    return found
