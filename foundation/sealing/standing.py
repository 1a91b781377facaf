"""Which keys the stored values need: every sealed column of the database, and the files of the object storage."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from foundation.sealing.encryption import HEADER, VERSION, keyring
from foundation.sealing.files.resealing import models_with_files
from foundation.sealing.files.row import LOST
from foundation.sealing.tables import SealedTable, sealed_tables

FILES: Final = "files"
"""What stands for a column where a row's file is counted."""

Run = Callable[[str], Iterable[Any]]
"""Runs a statement and gives its rows."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How many values of one column are sealed with which key."""

    table: str
    column: str
    counts: dict[str, int]
    """By key id (hexadecimal); "" for files of which only the file tells, LOST for those that the storage lacks."""

    @property
    def place(self) -> str:
        """Its name."""
        return f"{self.table}.{self.column}" if self.column != FILES else f"{self.table} ({FILES})"

    @property
    def current(self) -> int:
        """Values that the first key has sealed."""
        return self.counts.get(keyring().current.hex(), 0)

    @property
    def others(self) -> dict[str, int]:
        """Those of other keys of ENCRYPTION_KEYS, and files that have to be looked into."""
        known = {key.hex() for key in keyring().key_ids - {keyring().current}} | {""}
        return {key: count for key, count in self.counts.items() if key in known}

    @property
    def lost(self) -> int:
        """Files that the storage lacks: they need no key."""
        return self.counts.get(LOST, 0)

    @property
    def missing(self) -> dict[str, int]:
        """Those that need a key which ENCRYPTION_KEYS lacks."""
        known = {key.hex() for key in keyring().key_ids} | {"", LOST}
        return {key: count for key, count in self.counts.items() if key not in known}


def standings(run: Run | None = None) -> list[Standing]:
    """Of every sealed column and of every kind of file; each table is read once."""
    run = run or _by_django
    return [standing for table in sealed_tables() for standing in of_table(table, run)] + of_files(run)


def of_table(table: SealedTable, run: Run | None = None) -> list[Standing]:
    """Of the table's columns."""
    quote = connection.ops.quote_name
    key_id = f"encode(substring(%s from {len(VERSION) + 1} for {HEADER - len(VERSION)}), 'hex')"
    values = ", ".join(f"({number}, {key_id % quote(column)})" for number, column in enumerate(table.columns))
    rows = (run or _by_django)(
        f"SELECT cell.number, cell.key_id, count(*) FROM {quote(table.name)},"  # noqa: S608 - names of models
        f" LATERAL (VALUES {values}) AS cell(number, key_id)"
        " WHERE cell.key_id IS NOT NULL GROUP BY cell.number, cell.key_id ORDER BY cell.key_id"
    )
    counts: list[dict[str, int]] = [{} for _ in table.columns]
    for number, key, count in rows:
        counts[number][key] = count
    return [Standing(table.name, column, found) for column, found in zip(table.columns, counts, strict=True)]


def of_files(run: Run | None = None) -> list[Standing]:
    """Of the rows with a file, by what they remember of it."""
    names = sorted(model._meta.db_table for model in models_with_files())
    return [Standing(name, FILES, dict((run or _by_django)(_files_of(name)))) for name in names]


def _files_of(table: str) -> str:
    quote = connection.ops.quote_name
    return f"SELECT sealed_with, count(*) FROM {quote(table)} WHERE storage_name <> '' GROUP BY 1 ORDER BY 1"  # noqa: S608 - names of models


def _by_django(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows: list[Any] = cursor.fetchall()
    return rows


def missing(found: Iterable[Standing]) -> dict[str, dict[str, int]]:
    """By the ids of keys that ENCRYPTION_KEYS lacks: the places that need them, with the number of values."""
    return _by_key(found, lambda each: each.missing)


def others(found: Iterable[Standing]) -> dict[str, dict[str, int]]:
    """By the ids of keys that are here and not the first: the places that need them, with the number of values."""
    return _by_key(found, lambda each: each.others)


def _by_key(found: Iterable[Standing], part: Callable[[Standing], dict[str, int]]) -> dict[str, dict[str, int]]:
    by_key: dict[str, dict[str, int]] = {}
    for each in found:
        for key, count in part(each).items():
            by_key.setdefault(key, {})[each.place] = count
    return by_key
