"""The tests that a file of templates holds become a dataset of its own: cases with their scorers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from evaluation_app.datasets.bodies import checked_cases
from evaluation_app.datasets.editing import cases_of
from evaluation_app.datasets.formats.format import Note, Read
from evaluation_app.datasets.formats.promptfoo import read_document
from evaluation_app.datasets.inputs import types_of_template
from evaluation_app.datasets.writing import create
from evaluation_app.models import CaseOrigin, Dataset
from foundation.problems import Problem
from foundation.words import counted
from templates_app.exchange import receivers
from templates_app.exchange.receivers import Handed
from templates_app.models import PromptTemplate

MATERIAL: Final = "tests"
LONGEST_NAME: Final = 255


class _TestsReceiver:
    """Takes the tests of a promptfoo configuration, whichever format they came in."""

    def foresee(self, material: Any, *, name: str, user: User) -> Handed:
        """How many cases there would be."""
        read, bodies = _read(material)
        sentence = f"A dataset “{_free_name(name, user)}” of {counted(len(bodies), 'case')} will be made of its tests."
        return Handed(sentence, _told(read.notes))

    def receive(self, material: Any, *, template: PromptTemplate, user: User) -> Handed:
        """The dataset, typed against the template where every case fits it."""
        read, bodies = _read(material)
        fits = _fits(bodies, template)
        cases = cases_of(bodies, known={}, present={}, origin=CaseOrigin.IMPORT)
        saved = create(
            owner=user,
            name=_free_name(template.name, user),
            template_id=template.id if fits else None,
            cases=cases,
            note=f"Imported with the template {template.name}."[:1000],
        )
        sentence = f"The dataset “{saved.dataset.name}” of {counted(len(bodies), 'case')} was made of its tests."
        return Handed(sentence, _told(read.notes), str(saved.dataset.id))

    def address(self, reference: str) -> str:
        """The page of the dataset."""
        return reverse("dataset", args=[reference])

    def undo(self, reference: str, *, user: User) -> None:
        """Archives the dataset: tests may have been begun with it."""
        found = Dataset.objects.visible_to(user).filter(id=UUID(reference), archived=False)
        found.update(archived=True, revision=F("revision") + 1, updated_at=timezone.now())


def _read(material: Any) -> tuple[Read, list[dict[str, Any]]]:
    read = read_document({"tests": [], **material} if isinstance(material, Mapping) else material)
    return read, checked_cases(read.bodies, types=None)


def _fits(bodies: list[dict[str, Any]], template: PromptTemplate) -> bool:
    try:
        checked_cases(bodies, types=types_of_template(template))
    except Problem:
        return False
    return True


def _free_name(name: str, user: User) -> str:
    """A name that none of the user's datasets has: they are unique."""
    taken = set(Dataset.objects.filter(owner=user, name__startswith=name[:200]).values_list("name", flat=True))
    free, number = f"{name[:240]} tests"[:LONGEST_NAME], 2
    while free in taken:
        free, number = f"{name[:240]} tests {number}"[:LONGEST_NAME], number + 1
    return free


def _told(notes: list[Note]) -> tuple[str, ...]:
    return tuple(f"{note.place}: {note.message}".removeprefix(": ") for note in notes)


def register() -> None:
    """Takes what files of templates hold as tests."""
    receivers.register(MATERIAL, _TESTS)


_TESTS: Final = _TestsReceiver()
