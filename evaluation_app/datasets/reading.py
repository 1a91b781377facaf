"""A version's cases as doors, pages and tests read them: narrowed, in their order, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, Self
from uuid import UUID

from django.db.models import Q

from accounts.models import User
from evaluation_app.datasets.errors import no_version
from evaluation_app.models import Dataset, DatasetCase, DatasetVersion
from evaluation_app.models.dataset import DatasetCaseQuerySet
from foundation.problems import FieldError, invalid, not_found

SLICE: Final = 500


class Place(NamedTuple):
    """Between two cases: the page goes on after (or ends before) that one."""

    rank: int
    id: UUID
    is_backwards: bool = False

    def __str__(self) -> str:
        return f"{'<' if self.is_backwards else '>'}{self.rank}.{self.id.hex}"

    @classmethod
    def read(cls, text: str) -> Self:
        """The place behind this text; a Problem where it is none."""
        try:
            rank, _, identifier = text[1:].partition(".")
            if text[:1] not in "<>" or not text or not rank.removeprefix("-").isdecimal() or len(rank) > 19:
                raise ValueError(text)
            return cls(int(rank), UUID(hex=identifier), text[0] == "<")
        except ValueError:
            raise invalid([FieldError("cursor", "invalid", "This is no cursor of this list.")]) from None


def visible(user: User, dataset_id: UUID) -> Dataset:
    """The dataset; a 404 problem for strangers."""
    found = Dataset.objects.visible_to(user).filter(id=dataset_id).first()
    if found is None:
        raise not_found("The dataset")
    return found


def version_of(dataset: Dataset, number: int | None) -> DatasetVersion:
    """That version, the newest where none is named; a 404 problem where there is none."""
    found = dataset.versions.filter(number=dataset.newest if number is None else number).first()
    if found is None:
        raise no_version(number or dataset.newest)
    return found


def cases_in(dataset: Dataset, number: int, wanted: Mapping[str, Any]) -> DatasetCaseQuerySet:
    """The cases of a version that `wanted` (split, tag, origin, is_generated, cluster) asks for."""
    found = DatasetCase.objects.of(dataset, number)
    for name in ("split", "origin", "is_generated", "cluster"):
        if name in wanted:
            found = found.filter(**{name: wanted[name]})
    return found.filter(tags__contains=[wanted["tag"]]) if "tag" in wanted else found


def page_at(
    cases: DatasetCaseQuerySet, at: Place | None, size: int
) -> tuple[list[DatasetCase], Place | None, Place | None]:
    """A page of cases, and the places of the next and the previous one."""
    backwards = at is not None and at.is_backwards
    if at is not None:
        than = "lt" if at.is_backwards else "gt"
        cases = cases.filter(Q(**{f"rank__{than}": at.rank}) | Q(rank=at.rank, **{f"id__{than}": at.id}))
    rows = list((cases.order_by("-rank", "-id") if backwards else cases)[: size + 1])
    has_more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    if not rows:
        return [], None, None
    after = Place(rows[-1].rank, rows[-1].id) if has_more or backwards else None
    before = Place(rows[0].rank, rows[0].id, is_backwards=True)
    return rows, after, before if (has_more if backwards else at is not None) else None


def all_of(cases: DatasetCaseQuerySet) -> Iterator[DatasetCase]:
    """Every case in its order, slice by slice: no cursor of the database stays open while somebody reads slowly."""
    at: Place | None = None
    while True:
        rows, at, _ = page_at(cases, at, SLICE)
        yield from rows
        if at is None:
            return
