"""Rows as records: the columns that a person may read of their own, opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from foundation.sealing.encryption import CannotDecrypt, Lost, StoreAway
from foundation.sealing.fields import UNREADABLE
from privacy.own_data.sources import Record, Source, register

AT_ONCE = 100


def of_rows(name: str, meaning: str, rows: Callable[[User], QuerySet[Any]], *columns: str) -> None:
    """Registers records of these columns of these rows; one that no key opens any more says so."""

    def records(user: User) -> Iterator[Record]:
        for row in rows(user).order_by("pk").iterator(chunk_size=AT_ONCE):
            yield {column: _value(row, column) for column in columns}

    register(Source(name, meaning, records))


def _value(row: Any, column: str) -> Any:
    try:
        found: Any = getattr(row, column)
    except StoreAway:
        raise  # the file is made again when it is back
    except Lost as lost:
        return str(lost)
    except CannotDecrypt:
        return UNREADABLE
    return found.hex() if isinstance(found, (bytes, memoryview)) else found
