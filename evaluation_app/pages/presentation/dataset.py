"""A dataset as its pages show it: a table whose cells are typed into."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from evaluation_app.datasets.formats.plain_expected import TAKING, text_of_expected
from evaluation_app.datasets.inputs import InputTypes
from evaluation_app.models import Dataset, DatasetCase, DatasetVersion, Split
from foundation.rest.rendering import dumps
from foundation.words import counted, plain_number

JUDGED: Final = (
    ("contains", "contains"),
    ("exact", "is exactly"),
    ("regex", "matches"),
    ("semantic", "means about"),
    ("numeric", "is the number"),
    ("equals_json", "is the JSON"),
    ("starts_with", "begins with"),
    ("ends_with", "ends with"),
    ("not_contains", "does not contain"),
)
"""Scorers that one text of a case is enough for, as a sentence goes on."""
assert {name for name, _ in JUDGED} == set(TAKING)  # noqa: S101 - both lists are ours
AS_WRITTEN: Final = "json"
LONGEST_SHOWN: Final = 4_000
"""Characters of a value that a cell holds; a longer one is edited through a file or the API."""


@dataclass(frozen=True, slots=True)
class CellView:
    """A value of a case."""

    name: str
    text: str

    @property
    def is_too_long(self) -> bool:
        """Whether it is shown cut, and not to be typed into."""
        return len(self.text) > LONGEST_SHOWN

    @property
    def shown(self) -> str:
        """What the cell holds."""
        return self.text[:LONGEST_SHOWN]


class CaseView:
    """A row of the table."""

    def __init__(self, case: DatasetCase, columns: Sequence[str], number: int) -> None:
        self.case = case
        self.number = number
        self._columns = columns

    @property
    def key(self) -> str:
        """What it is called by."""
        return self.case.key

    @property
    def cells(self) -> list[CellView]:
        """Its values, by the table's columns."""
        given = self.case.input
        nothing = object()
        return [_cell(name, given.get(name, nothing), nothing) for name in self._columns]

    @property
    def judged_by(self) -> str:
        """The scorer of a plain text, else `json`."""
        plain = text_of_expected(self.case.expected)
        return plain[0] if plain else AS_WRITTEN if self.case.expected else "contains"

    @property
    def expected(self) -> str:
        """The text that is expected, else what is expected as JSON."""
        if not self.case.expected:
            return ""
        plain = text_of_expected(self.case.expected)
        return plain[1] if plain else dumps(self.case.expected).decode()

    @property
    def weight(self) -> str:
        """How much it counts; empty where it counts as any other."""
        return plain_number(self.case.weight).removesuffix(".0") if self.case.weight != 1 else ""

    @property
    def tags(self) -> str:
        """With commas between them."""
        return ", ".join(self.case.tags)


def _cell(name: str, value: Any, nothing: object) -> CellView:
    if value is nothing:
        return CellView(name, "")
    is_text = isinstance(value, str)
    return CellView(name, value if is_text else dumps(value).decode())


class DatasetView:
    """A version of a dataset, and what may be done with it."""

    def __init__(self, dataset: Dataset, version: DatasetVersion, types: InputTypes | None) -> None:
        self.dataset = dataset
        self.version = version
        self.types = types

    @property
    def id(self) -> object:
        """The dataset's."""
        return self.dataset.id

    @property
    def is_editable(self) -> bool:
        """Whether what is shown is the newest version of one that is in use."""
        return self.version.number == self.dataset.newest and not self.dataset.archived

    @property
    def summary(self) -> str:
        """How much it holds."""
        return f"{counted(self.version.case_count, 'case')}, version {self.version.number}"

    @property
    def splits(self) -> list[tuple[str, str]]:
        """What cases are narrowed by."""
        return [(split.value, str(split.label)) for split in Split]

    @cached_property
    def variables(self) -> list[str]:
        """Of the template."""
        return self.types.names if self.types else []


def columns_of(types: InputTypes | None, cases: Iterable[DatasetCase], more: Iterable[str], *, most: int) -> list[str]:
    """The table's columns: the template's variables, then what else the cases have."""
    names = dict.fromkeys([*(types.names if types else ()), *(name for case in cases for name in case.input), *more])
    return [name for name in names if name][:most]


def rows_of(cases: Sequence[DatasetCase], columns: Sequence[str], first: int) -> list[CaseView]:
    """The table's rows."""
    return [CaseView(case, columns, first + number) for number, case in enumerate(cases)]


def faults_of(errors: Sequence[Mapping[str, str]]) -> list[str]:
    """Faults as sentences, with the places of rows as people count them."""
    return [_sentence(error["field"], error["message"]) for error in errors]


def _sentence(field: str, message: str) -> str:
    parts = field.split(".")
    if parts[0] == "cases" and len(parts) > 1:
        place = f"Case {int(parts[1]) + 1}" if parts[1].isdecimal() else f"Case {parts[1]}"
        rest = ", ".join(part for part in parts[2:] if part != "input")
        return f"{place}, {rest}: {message}" if rest else f"{place}: {message}"
    return f"{field}: {message}" if field and field != "file" else message


def shown_expected(expected: Any) -> str:
    """What is expected, as a sentence goes on."""
    if not expected:
        return ""
    plain = text_of_expected(expected)
    return f"{dict(JUDGED)[plain[0]]} “{plain[1]}”" if plain else dumps(expected).decode()
