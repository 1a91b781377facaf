"""CSV (RFC 4180, UTF-8, header row), safe to open in a spreadsheet.

It begins with a byte order mark, without which spreadsheets take UTF-8 for the code page of their country. pandas,
Arrow and our own importers pass over it; Python's csv does where the file is opened as `utf-8-sig`.

A text whose first visible character would make it a formula (= + - @), or that begins with a tab, a carriage
return or an apostrophe, gets an apostrophe in front. The way back is therefore one rule: of a text that begins
with an apostrophe, drop that one. Numbers are written as numbers, and stay negative where they are.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from foundation.downloads.columns import Column, Row

FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # noqa: RUF001 - spreadsheets take the wide ones too


def neutralised(text: str) -> str:
    """The text as no spreadsheet takes it for a formula."""
    is_risky = text.startswith(("\t", "\r", "'")) or text.lstrip().startswith(FORMULA)
    return f"'{text}" if is_risky else text


def restored(cell: str) -> str:
    """The text that `neutralised` was given."""
    return cell.removeprefix("'")


def written(columns: Sequence[Column], rows: Iterable[Row]) -> Iterator[bytes]:
    """The mark and a header, and a line a row: something for every row that is taken."""
    yield codecs.BOM_UTF8
    buffer = io.StringIO(newline="")
    # Quoted texts stay whole also where a spreadsheet splits at semicolons.
    writer = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(column.name for column in columns)
    for row in rows:
        yield _taken(buffer)
        writer.writerow(_cell(column.value(row)) for column in columns)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _cell(value: Any) -> Any:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return neutralised(value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value
