"""What is done to a dataset's cases: added, replaced, edited, taken out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from accounts.models import User
from evaluation_app.datasets.bodies import check
from evaluation_app.datasets.case import EDITABLE, Case, body_of, case_of, new_key
from evaluation_app.datasets.errors import no_case
from evaluation_app.datasets.inputs import types_of
from evaluation_app.datasets.writing import Change, Present, Saved, save
from evaluation_app.models import CaseOrigin, Dataset, DatasetCase
from foundation.problems import FieldError, Problem, invalid

Bodies = Sequence[Mapping[str, Any]]
"""Of cases, checked in their shape (`bodies.DatasetCasesSerializer`)."""


def add(
    *, user: User, dataset_id: UUID, bodies: Bodies, base_version: int | None = None, note: str = "",
    origin: str = CaseOrigin.PERSON,
) -> Saved:  # fmt: skip
    """Adds cases at the end; a key that is there is refused. Raises Problem."""

    def change_of(dataset: Dataset, present: dict[str, Present]) -> Change:
        check(bodies, types=types_of(user, dataset))
        taken = [
            FieldError(f"cases.{number}.key", "taken", f"The dataset has a case {body['key']!r}.")
            for number, body in enumerate(bodies)
            if body.get("key") in present
        ]
        if taken:
            raise invalid(taken[:100])
        made = cases_of(bodies, known=known_of(dataset), present={}, origin=origin)
        return Change([*present, *made], tuple(case.key for case in made))

    return save(user=user, dataset_id=dataset_id, change_of=change_of, base_version=base_version, note=note)


def replace(
    *, user: User, dataset_id: UUID, bodies: Bodies, base_version: int | None = None, note: str = "",
    origin: str = CaseOrigin.PERSON, is_rehearsal: bool = False,
) -> Saved:  # fmt: skip
    """Makes these all of the dataset's cases, in this order. A case without a key that is there already, word for word,
    keeps the key that it has. Raises Problem."""

    def change_of(dataset: Dataset, present: dict[str, Present]) -> Change:
        check(bodies, types=types_of(user, dataset))
        made = cases_of(bodies, known=known_of(dataset), present=present, origin=origin)
        return Change(made, tuple(case.key for case in made))

    return save(
        user=user, dataset_id=dataset_id, change_of=change_of, base_version=base_version, note=note,
        is_rehearsal=is_rehearsal,
    )  # fmt: skip


def merge(
    *, user: User, dataset_id: UUID, bodies: Bodies, base_version: int | None = None, note: str = "",
    origin: str = CaseOrigin.IMPORT, is_rehearsal: bool = False,
) -> Saved:  # fmt: skip
    """Adds cases; one whose key is there becomes what is sent, one that is there word for word is not made twice."""

    def change_of(dataset: Dataset, present: dict[str, Present]) -> Change:
        check(bodies, types=types_of(user, dataset))
        made = {case.key: case for case in cases_of(bodies, known=known_of(dataset), present=present, origin=origin)}
        stay = [made.get(key, key) for key in present]
        return Change([*stay, *(case for key, case in made.items() if key not in present)], tuple(made))

    return save(
        user=user, dataset_id=dataset_id, change_of=change_of, base_version=base_version, note=note,
        is_rehearsal=is_rehearsal,
    )  # fmt: skip


def edit(
    *, user: User, dataset_id: UUID, key: str, changes: Mapping[str, Any], base_version: int | None = None,
    note: str = "",
) -> Saved:  # fmt: skip
    """Changes what is named of one case; raises Problem."""

    def change_of(dataset: Dataset, present: dict[str, Present]) -> Change:
        row = _row(dataset, present, key)
        body = {**body_of(row), **{name: changes[name] for name in EDITABLE if name in changes}}
        _check_one(body, dataset, user)
        case = Case.of(body, key=key, origin=row.origin, is_generated=row.is_generated)
        return Change([case if each == key else each for each in present], (key,))

    return save(user=user, dataset_id=dataset_id, change_of=change_of, base_version=base_version, note=note)


def remove(*, user: User, dataset_id: UUID, keys: Iterable[str], base_version: int | None = None) -> Saved:
    """Takes cases out of the newest version; earlier ones hold them still. Raises Problem."""
    gone = dict.fromkeys(keys)

    def change_of(dataset: Dataset, present: dict[str, Present]) -> Change:
        if missing := [key for key in gone if key not in present]:
            raise no_case(missing[0])
        return Change([key for key in present if key not in gone], tuple(gone))

    return save(user=user, dataset_id=dataset_id, change_of=change_of, base_version=base_version)


def bring_back(*, user: User, dataset_id: UUID, key: str) -> Saved:
    """Puts a case in again as it was last, where it stood; raises Problem."""

    def change_of(dataset: Dataset, present: dict[str, Present]) -> Change:
        if key in present:
            return Change(list(present), (key,))
        row = DatasetCase.objects.filter(dataset=dataset, key=key).order_by("-since").first()
        if row is None:
            raise no_case(key)
        case = case_of(row)
        before = [each.key for each in present.values() if each.rank < row.rank]
        after = [each for each in present if each not in set(before)]
        return Change([*before, case, *after], (key,))

    return save(user=user, dataset_id=dataset_id, change_of=change_of)


def _check_one(body: Mapping[str, Any], dataset: Dataset, user: User) -> None:
    try:
        check([body], types=types_of(user, dataset))
    except Problem as problem:
        errors = [FieldError(**each) for each in problem.errors]
        raise invalid(error._replace(field=error.field.removeprefix("cases.0.")) for error in errors) from None


def known_of(dataset: Dataset) -> dict[str, tuple[str, bool]]:
    """Of every case that the dataset ever had: where it came from, and whether a model made it."""
    known: dict[str, tuple[str, bool]] = {}
    rows = DatasetCase.objects.filter(dataset=dataset).order_by("since").values_list("key", "origin", "is_generated")
    for key, origin, is_generated in rows:
        known[key] = origin, is_generated or known.get(key, ("", False))[1]
    return known


def cases_of(
    bodies: Bodies, *, known: Mapping[str, tuple[str, bool]], present: Mapping[str, Present], origin: str
) -> list[Case]:
    """Bodies as cases. What is `known` of a key stays: where it came from, and that a model made it."""
    alike: dict[str, list[str]] = {}
    for each in reversed(list(present.values())):
        alike.setdefault(each.content_hash, []).append(each.key)
    spoken_for = {body["key"] for body in bodies if "key" in body}
    made = []
    for body in bodies:
        key = body.get("key") or _alike(body, alike, spoken_for) or new_key()
        was, is_generated = known.get(key, (origin, False))
        came_from = body.get("origin", was)
        made.append(
            Case.of(body, key=key, origin=came_from, is_generated=is_generated or body.get("is_generated", False))
        )
    return made


def _alike(body: Mapping[str, Any], alike: dict[str, list[str]], spoken_for: set[str]) -> str | None:
    """The key of a case that is there word for word; each is taken once."""
    if not alike:
        return None
    keys = alike.get(Case.of(body, key="", origin="", is_generated=False).content_hash, [])
    while keys:
        if (key := keys.pop()) not in spoken_for:
            return key
    return None


def _row(dataset: Dataset, present: Mapping[str, Present], key: str) -> DatasetCase:
    there = present.get(key)
    if there is None:
        raise no_case(key)
    return DatasetCase.objects.get(id=there.id)
