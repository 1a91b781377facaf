"""A file as cases of a dataset: read, judged as a whole, then written, or told what would come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from accounts.models import User
from evaluation_app.datasets import editing
from evaluation_app.datasets.bodies import checked_cases
from evaluation_app.datasets.editing import cases_of
from evaluation_app.datasets.formats.format import Format, Read, Reading
from evaluation_app.datasets.inputs import InputTypes, types_of
from evaluation_app.datasets.reading import visible
from evaluation_app.datasets.writing import Saved, create
from evaluation_app.models import CaseOrigin
from foundation import json_values

SHOWN: Final = 5
"""Cases that a report begins with."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What came, or would come, of a file."""

    read: Read
    saved: Saved | None
    """None of a dataset that would be made."""
    bodies: list[dict[str, Any]]


def read_file(
    data: bytes, *, chosen: Format, types: InputTypes | None, scorer: str
) -> tuple[Read, list[dict[str, Any]]]:
    """What a file holds, and its cases, checked in all that they are; raises Problem."""
    read = chosen.read(data, Reading(types, scorer))
    json_values.check({"cases": read.bodies})
    return read, checked_cases(read.bodies, types=types)


def import_into(
    *, user: User, dataset_id: UUID, data: bytes, chosen: Format, scorer: str, replaces: bool, is_rehearsal: bool,
    base_version: int | None = None, note: str = "",
) -> Imported:  # fmt: skip
    """The cases of a file for a dataset that is there; raises Problem."""
    dataset = visible(user, dataset_id)
    read, bodies = read_file(data, chosen=chosen, types=types_of(user, dataset), scorer=scorer)
    work = editing.replace if replaces else editing.merge
    saved = work(
        user=user, dataset_id=dataset_id, bodies=bodies, base_version=base_version, note=note,
        origin=CaseOrigin.IMPORT, is_rehearsal=is_rehearsal,
    )  # fmt: skip
    return Imported(read, saved, bodies)


def import_new(
    *, user: User, name: str, template_id: UUID | None, data: bytes, chosen: Format, types: InputTypes | None,
    scorer: str, is_rehearsal: bool, note: str = "",
) -> Imported:  # fmt: skip
    """A new dataset of a file's cases; raises Problem."""
    read, bodies = read_file(data, chosen=chosen, types=types, scorer=scorer)
    if is_rehearsal:
        return Imported(read, None, bodies)
    cases = cases_of(bodies, known={}, present={}, origin=CaseOrigin.IMPORT)
    return Imported(read, create(owner=user, name=name, template_id=template_id, cases=cases, note=note), bodies)
