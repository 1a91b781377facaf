"""How a dataset gets a new version: the one place where cases are written.

A version's cases are rows that say from which version on they hold, and before which one no more. An edit ends the
rows that it changes and adds others: 50 versions of 10,000 cases with a few edits each are little more than one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import BigIntegerField, F, Func, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from evaluation_app.creation.bodies import MOST_CASES
from evaluation_app.datasets.bodies import too_many
from evaluation_app.datasets.case import Case, case_of
from evaluation_app.datasets.errors import archived, conflict, name_taken
from evaluation_app.datasets.order import ranks_for
from evaluation_app.models import Dataset, DatasetCase, DatasetVersion
from foundation.problems import FieldError, invalid, not_found

AT_ONCE: Final = 500
LARGEST_DATASET: Final = 64 * 2**20
"""Sealed bytes of a version."""
SEALED: Final = ("input", "expected", "scorers")
MOST_TOLD: Final = 100


class Present(NamedTuple):
    """A case as it is in the newest version, without what is sealed of it."""

    id: UUID
    key: str
    rank: int
    content_hash: str
    origin: str
    is_generated: bool

    def is_as(self, case: Case) -> bool:
        """Whether that case is nothing new."""
        return (self.content_hash, self.origin, self.is_generated) == (
            case.content_hash, case.origin, case.is_generated,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of a save."""

    dataset: Dataset
    version: DatasetVersion
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    keys: tuple[str, ...] = ()
    """Of the cases that were sent, in their order."""


Wanted = Sequence[str | Case]
"""The cases of a new version in their order: the key of one that stays as it is, or what it is to be."""


class Change(NamedTuple):
    """What a save does, once it has the dataset for itself."""

    wanted: Wanted
    keys: tuple[str, ...] = ()


def create(
    *, owner: User, name: str, description: str = "", template_id: UUID | None = None, cases: Sequence[Case] = (),
    note: str = "",
) -> Saved:  # fmt: skip
    """A dataset with its first version, which may hold nothing; raises Problem."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                dataset = Dataset.objects.create(
                    owner=owner, name=name, description=description, template_id=template_id
                )
        except IntegrityError:
            raise name_taken(name) from None
        _write(dataset, [case.row(dataset=dataset) for case in cases], [None] * len(cases), since=1)
        _check_size(dataset, 1)
        version = _version(dataset, 1, _hash_of(cases), len(cases), author=owner, note=note)
    return Saved(dataset, version, added=len(cases), keys=tuple(case.key for case in cases))


@transaction.atomic
def save(
    *, user: User, dataset_id: UUID, change_of: Callable[[Dataset, dict[str, Present]], Change],
    base_version: int | None = None, note: str = "", is_rehearsal: bool = False,
) -> Saved:  # fmt: skip
    """The dataset after a change of its cases: a new version, unless nothing is another; raises Problem.

    `change_of` is given the dataset, locked, and its present cases in their order. A rehearsal writes nothing.
    """
    dataset = locked(user, dataset_id)
    if base_version is not None and base_version != dataset.newest:
        _refuse(dataset, base_version)
    present = present_cases(dataset, dataset.newest)
    change = change_of(dataset, present)
    if len(change.wanted) > MOST_CASES:
        raise too_many(len(change.wanted))
    plan = _planned(dataset, present, change)
    if not is_rehearsal and plan.rows is not None:
        return _carried_out(dataset, plan, user, note)
    return plan.saved


def locked(user: User, dataset_id: UUID) -> Dataset:
    """The dataset, until this transaction ends nobody else's to change; a Problem where it is none or archived."""
    dataset = Dataset.objects.visible_to(user).select_for_update().filter(id=dataset_id).first()
    if dataset is None:
        raise not_found("The dataset")
    if dataset.archived:
        raise archived(dataset)
    return dataset


def present_cases(dataset: Dataset, number: int) -> dict[str, Present]:
    """The cases of a version by their keys, in their order; nothing sealed is read."""
    rows = DatasetCase.objects.of(dataset, number).values_list(*Present._fields)
    return {row[1]: Present(*row) for row in rows}


class _Plan(NamedTuple):
    saved: Saved
    rows: list[DatasetCase] | None
    """New rows with their ranks; None where no version is to be made."""
    ended: list[UUID]
    content_hash: str
    case_count: int


def _planned(dataset: Dataset, present: Mapping[str, Present], change: Change) -> _Plan:
    entries = [(key, None) if isinstance(key, str) else (key.key, key) for key in change.wanted]
    ranks = ranks_for([present[key].rank if key in present else None for key, _ in entries])
    rows, kept, moved, to_copy, facts = list[DatasetCase](), set[str](), 0, dict[str, int](), list[tuple[Any, ...]]()
    added = changed = 0
    for (key, case), rank in zip(entries, ranks, strict=True):
        there = present.get(key)
        is_same = there is not None and (case is None or there.is_as(case))
        facts.append(
            (key, there.content_hash, there.origin, there.is_generated)
            if there is not None and is_same
            else (key, case.content_hash, case.origin, case.is_generated)  # type: ignore[union-attr]
        )
        if there is not None and is_same and there.rank == rank:
            kept.add(key)
        elif there is not None and is_same:
            to_copy[key] = rank
            moved += 1
        elif case is not None:
            added += there is None
            changed += there is not None
            rows.append(case.row(dataset=dataset, rank=rank))
    rows += _copies(dataset, present, to_copy)
    wanted_keys = {key for key, _ in entries}
    removed = sum(key not in wanted_keys for key in present)
    content_hash = _hashed(facts)
    newest = dataset.versions.get(number=dataset.newest)
    saved = Saved(dataset, newest, added, changed, removed, len(kept) + moved, change.keys)
    ended = [each.id for key, each in present.items() if key not in kept]
    is_new = content_hash != newest.content_hash
    return _Plan(saved, rows if is_new else None, ended, content_hash, len(entries))


def _copies(dataset: Dataset, present: Mapping[str, Present], ranks: Mapping[str, int]) -> list[DatasetCase]:
    """Rows of cases that only stand elsewhere: what is sealed is bound to its row, so it is sealed anew."""
    found = DatasetCase.objects.filter(id__in=[present[key].id for key in ranks])
    return [case_of(row).row(dataset=dataset, rank=ranks[row.key]) for row in found]


def _carried_out(dataset: Dataset, plan: _Plan, user: User, note: str) -> Saved:
    number = dataset.newest + 1
    for start in range(0, len(plan.ended), AT_ONCE):
        DatasetCase.objects.filter(id__in=plan.ended[start : start + AT_ONCE]).update(until=number)
    for row in plan.rows or ():
        row.since = number
    DatasetCase.objects.bulk_create(plan.rows or (), batch_size=AT_ONCE)
    _check_size(dataset, number)
    version = _version(dataset, number, plan.content_hash, plan.case_count, author=user, note=note)
    Dataset.objects.filter(id=dataset.id).update(newest=number, revision=F("revision") + 1, updated_at=timezone.now())
    dataset.refresh_from_db()
    saved = plan.saved
    return Saved(dataset, version, saved.added, saved.changed, saved.removed, saved.unchanged, saved.keys)


def _check_size(dataset: Dataset, number: int) -> None:
    """Tests copy all of a version, and files are read whole: what it holds must fit in memory."""
    rows = DatasetCase.objects.of(dataset, number).order_by()
    size = sum(rows.aggregate(**{name: Coalesce(Sum(_bytes(name)), 0) for name in SEALED}).values())
    if size > LARGEST_DATASET:
        message = f"A dataset holds up to {LARGEST_DATASET // 2**20} MiB; this would be {size / 2**20:.0f}."
        raise invalid([FieldError("cases", "too_large", message)])


def _bytes(column: str) -> Any:
    """What PostgreSQL knows without reading it."""
    return Func(F(column), function="octet_length", output_field=BigIntegerField())


def _write(dataset: Dataset, rows: Sequence[DatasetCase], present: Sequence[int | None], *, since: int) -> None:
    for row, rank in zip(rows, ranks_for(present), strict=True):
        row.rank, row.since = rank, since
    DatasetCase.objects.bulk_create(rows, batch_size=AT_ONCE)


def _version(
    dataset: Dataset, number: int, content_hash: str, count: int, *, author: User, note: str
) -> DatasetVersion:
    return DatasetVersion.objects.create(
        dataset=dataset, number=number, note=note, author=author, content_hash=content_hash, case_count=count
    )


def _hash_of(cases: Iterable[Case]) -> str:
    return _hashed((case.key, case.content_hash, case.origin, case.is_generated) for case in cases)


def _hashed(facts: Iterable[tuple[Any, ...]]) -> str:
    """SHA-256 of cases in their order."""
    whole = hashlib.sha256()
    for fact in facts:
        whole.update("\0".join(map(str, fact)).encode() + b"\n")
    return whole.hexdigest()


def _refuse(dataset: Dataset, base: int) -> None:
    """Raises the Problem of a change that is based on another version than the newest."""
    if base > dataset.newest:
        message = f"The newest version is {dataset.newest}."
        raise invalid([FieldError("base_version", "no_such_version", message)])
    changed = changes_between(dataset, base, dataset.newest)
    raise conflict(dataset.newest, changed[:MOST_TOLD], len(changed))


def changes_between(dataset: Dataset, one: int, other: int) -> list[dict[str, Any]]:
    """`{key, change}` of every case that is added, edited, moved or removed from one version to another."""
    before, after = present_cases(dataset, one), present_cases(dataset, other)
    told = [{"key": key, "change": "removed"} for key in before if key not in after]
    for key, now in after.items():
        was = before.get(key)
        if was is None:
            told.append({"key": key, "change": "added"})
        elif was[3:] != now[3:]:
            told.append({"key": key, "change": "edited"})
        elif was.rank != now.rank:
            told.append({"key": key, "change": "moved"})
    return told
