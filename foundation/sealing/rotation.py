"""Rows sealed anew with the first key: in small transactions, beside whoever reads and writes.

What is done is seen in the rows themselves, so that a run that was killed is gone on with by the next one. A row that
somebody else holds is passed over and come back to: nobody waits for a rotation longer than one batch takes, and the
rotation waits for nobody while it holds rows. The rows of a batch are read under their lock, so that nothing that is
written meanwhile is lost.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from django.db import connection, transaction

from foundation.sealing.encryption import CannotDecrypt, keyring, prefix_of
from foundation.sealing.fields import place_of
from foundation.sealing.tables import SealedTable

ROWS: Final = 200
"""Of one transaction at most."""
BYTES: Final = 4 * 1024 * 1024
"""Ciphertext of one transaction; a row that is larger goes alone."""
SLICE: Final = 5_000
"""Keys that are looked for at once."""
PATIENCE: Final = 60.0
"""Seconds in which rows that somebody holds all the time are come back to."""
PAUSE: Final = 0.2
NAMED: Final = 20
"""Rows that an error names."""

Tell = Callable[[int], None]
"""Is told the number of rows that are sealed anew, after each transaction."""


@dataclass(slots=True)
class Rotated:
    """What became of a table's rows."""

    count: int = 0
    held: int = 0
    """Rows that somebody held all the time."""
    unreadable: int = 0
    """Rows with a value that its key does not open; their other values are sealed anew."""
    named: list[str] = field(default_factory=list)
    """The first of these."""


def rotate(table: SealedTable, *, tell: Tell = lambda count: None) -> Rotated:
    """Seals every value of another key of the keyring with the first; a row that does not open keeps no other from it.

    Values whose key is missing are not looked at (foundation.sealing.standing counts them).
    """
    done, give_up = Rotated(), time.monotonic() + PATIENCE
    if not _old_prefixes():
        return done
    while True:
        before = done.count
        _pass(table, done, tell)
        if not done.held or time.monotonic() > give_up:
            return done
        if done.count == before:
            time.sleep(PAUSE)


def _pass(table: SealedTable, done: Rotated, tell: Tell) -> None:
    """Goes through the table once."""
    done.held, done.unreadable, done.named = 0, 0, []
    for keys in _batches(table):
        with transaction.atomic():
            rows = _locked(table, keys)
            renewed = _renewed(table, rows, done)
            if renewed:
                _write(table, renewed)
        done.held += len(keys) - len(rows)
        done.count += len(renewed)
        tell(done.count)


def _old_prefixes() -> list[bytes]:
    """What ciphertexts begin with that can be sealed anew."""
    ring = keyring()
    return [prefix_of(key) for key in ring.key_ids - {ring.current}]


def _batches(table: SealedTable) -> Iterator[list[Any]]:
    """Keys of rows with a value of another key, as many as one transaction takes; nothing is held by them."""
    quote = connection.ops.quote_name
    size = " + ".join(f"coalesce(octet_length({quote(column)}), 0)" for column in table.columns)
    stale = " OR ".join(f"substring({quote(column)} for {len(keyring().prefix)}) = ANY(%s)" for column in table.columns)
    start = f"SELECT {quote(table.key)}, {size} FROM {quote(table.name)} WHERE ({stale})"  # noqa: S608 - names of models
    end = f" ORDER BY {quote(table.key)} LIMIT {SLICE}"
    prefixes, last = [_old_prefixes()] * len(table.columns), None
    while True:
        after, parameters = ("", prefixes) if last is None else (f" AND {quote(table.key)} > %s", [*prefixes, last])
        with connection.cursor() as cursor:
            cursor.execute(start + after + end, parameters)
            found = cursor.fetchall()
        yield from _portions(found)
        if len(found) < SLICE:
            return
        last = found[-1][0]


def _portions(found: Sequence[tuple[Any, int]]) -> Iterator[list[Any]]:
    cuts, weight, first = [0], 0, 0
    for number, (_, size) in enumerate(found):
        if number > first and (number - first == ROWS or weight + size > BYTES):
            cuts.append(number)
            weight, first = 0, number
        weight += size
    for start, end in pairwise([*cuts, len(found)]):
        yield [key for key, _ in found[start:end]]


def _locked(table: SealedTable, keys: list[Any]) -> list[tuple[Any, ...]]:
    """The rows as they are now, held until the transaction's end; those that somebody holds are left out."""
    quote = connection.ops.quote_name
    columns = ", ".join(map(quote, (table.key, *table.columns)))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM {quote(table.name)} WHERE {quote(table.key)} = ANY(%s::{table.key_type}[])"  # noqa: S608 - names of models
            f" ORDER BY {quote(table.key)} FOR NO KEY UPDATE SKIP LOCKED",
            [keys],
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _renewed(table: SealedTable, rows: Sequence[tuple[Any, ...]], done: Rotated) -> list[list[Any]]:
    """Key and new values of each row that gets any; None where a value stays."""
    renewed = []
    for key, *values in rows:
        new: list[bytes | None] = []
        is_whole = True
        for column, value in zip(table.columns, values, strict=True):
            try:
                new.append(_anew(value, place_of(table.name, key, column)))
            except CannotDecrypt:
                new.append(None)
                is_whole = False
        if any(value is not None for value in new):
            renewed.append([key, *new])
        if not is_whole:
            done.unreadable += 1
            done.named = [*done.named, f"{table.name}/{key}"][:NAMED]
    return renewed


def _anew(value: bytes | None, place: str) -> bytes | None:
    ring = keyring()
    if value is None or not bytes(value).startswith(tuple(_old_prefixes())):
        return None
    return ring.seal(ring.open(bytes(value), place=place), place=place)


def _write(table: SealedTable, renewed: list[list[Any]]) -> None:
    quote = connection.ops.quote_name
    columns = list(map(quote, table.columns))
    # What has no new value is set to itself: PostgreSQL copies nothing of it.
    sets = ", ".join(f"{column} = coalesce(anew.{column}, kept.{column})" for column in columns)
    arrays = ", ".join([f"%s::{table.key_type}[]", *["%s::bytea[]"] * len(columns)])
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quote(table.name)} AS kept SET {sets}"  # noqa: S608 - names of models
            f" FROM unnest({arrays}) AS anew({', '.join([quote(table.key), *columns])})"
            f" WHERE kept.{quote(table.key)} = anew.{quote(table.key)}",
            [list(column) for column in zip(*renewed, strict=True)],
        )
