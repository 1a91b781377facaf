"""A bill out of a file: read as it comes, added up a model and day, with an end to everything that may be long."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from io import TextIOWrapper
from typing import IO, Final

from analytics.bills.cells import Cells, refused
from analytics.bills.formats.format import Format
from analytics.bills.formats.registry import FORMATS, format_of, nearest
from analytics.bills.lines import BillLine, Kind
from foundation.problems import FieldError, Problem, invalid
from foundation.words import number

MOST_LINES: Final = 500_000
MOST_PAIRS: Final = 20_000
"""Models and days."""
MOST_DAYS: Final = 400
LONGEST_LINE: Final = 64 * 1024
SEPARATORS: Final = (",", ";", "\t")


@dataclass(slots=True)
class Billed:
    """What the file says of one model and day."""

    quantities: dict[Kind, int] = field(default_factory=dict)
    cost: Decimal | None = None
    costs: dict[Kind, Decimal] = field(default_factory=dict)
    rounding: Decimal = Decimal(0)
    """USD that its lines' amounts may be away from what they were before they were rounded."""

    def add(self, line: BillLine) -> None:
        """Counts one more line of the file."""
        for kind, quantity in line.quantities.items():
            self.quantities[kind] = self.quantities.get(kind, 0) + quantity
        for kind, cost in line.costs.items():
            self.costs[kind] = self.costs.get(kind, Decimal(0)) + cost
        if line.cost is not None:
            self.cost = (self.cost or Decimal(0)) + line.cost
            self.rounding += Decimal(5).scaleb(-line.places - 1)


@dataclass(slots=True)
class Bill:
    """A whole file."""

    format: Format
    lines: int = 0
    by_pair: dict[tuple[str, date], Billed] = field(default_factory=dict)

    @property
    def first(self) -> date:
        """Its first day."""
        return min(day for _, day in self.by_pair)

    @property
    def last(self) -> date:
        """Its last day."""
        return max(day for _, day in self.by_pair)


def read(file: IO[bytes]) -> Bill:
    """The bill; a Problem (400) that names line and column where it is none."""
    text = TextIOWrapper(file, encoding=_encoding(file), newline="")
    try:
        return _read(text)
    except UnicodeError:
        raise _whole("encoding", "The file is not written in UTF-8.") from None
    except csv.Error as error:
        raise _whole("not_csv", f"The file is no CSV: {error}.") from None
    finally:
        text.detach()


def _encoding(file: IO[bytes]) -> str:
    start = file.read(4)
    file.seek(0)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if start == b"PK\x03\x04":
        raise _whole("not_csv", "This is a ZIP or a spreadsheet (.xlsx); save it as CSV.")
    if start == b"%PDF":
        raise _whole("not_csv", "This is a PDF; the provider's console has the same as CSV.")
    return "utf-8-sig"


def _read(text: TextIOWrapper) -> Bill:
    lines = _bounded(text)
    above, head = next(((place, line) for place, line in enumerate(lines) if line.strip()), (0, ""))
    separator = max(SEPARATORS, key=head.count)
    rows = csv.reader(_chained(head, lines), delimiter=separator, strict=True)
    columns = [name.strip().lower() for name in next(rows, [])]
    chosen = _format(columns)
    bill = Bill(chosen)
    for row in rows:
        if any(cell.strip() for cell in row):
            _take(bill, columns, row, line=rows.line_num + above, has_decimal_comma=separator != ",")
    if not bill.by_pair:
        raise _whole("empty", "The file tells of no use.")
    if (bill.last - bill.first).days >= MOST_DAYS:
        raise _whole("max_length", f"The file reaches over more than {MOST_DAYS} days.")
    return bill


def _take(bill: Bill, columns: list[str], row: list[str], *, line: int, has_decimal_comma: bool) -> None:
    if len(row) != len(columns):
        raise refused(line, "", f"{len(row)} cells stand where the header has {len(columns)} columns.")
    bill.lines += 1
    if bill.lines > MOST_LINES:
        raise refused(line, "", f"a file has at most {number(MOST_LINES)} lines.", code="max_length")
    cells = Cells(line, dict(zip(columns, row, strict=True)), has_decimal_comma=has_decimal_comma)
    told = bill.format.read(cells)
    if told is None:
        return
    if not told.model:
        column = next(name for name in ("model", "model_version", "model_permaslug", "line_item") if name in columns)
        raise refused(line, column, "the model is missing; group the export by model.", code="required")
    bill.by_pair.setdefault((told.model, told.day), Billed()).add(told)
    if len(bill.by_pair) > MOST_PAIRS:
        raise refused(line, "", f"a file tells of at most {number(MOST_PAIRS)} models and days.", code="max_length")


def _format(columns: list[str]) -> Format:
    twice = next((name for place, name in enumerate(columns) if name in columns[:place]), None)
    if twice is not None:
        raise refused(1, twice[:40], "the column stands there twice.", code="duplicate")
    found = format_of(columns)
    if found is None:
        near = nearest(columns)
        missing = ", ".join(sorted(near.required - set(columns)))
        told = (
            f"No known bill: for “{near.title}” it lacks {missing}. Known: {'; '.join(each.title for each in FORMATS)}."
        )
        raise invalid([FieldError("file.1", "unknown_format", told)])
    for name in columns:
        if not found.knows(name):
            raise refused(1, name[:40], f"“{found.title}” has no such column.", code="unknown_column")
    return found


def _bounded(text: TextIOWrapper) -> Iterator[str]:
    at = 0
    while line := text.readline(LONGEST_LINE + 1):
        at += 1
        if len(line) > LONGEST_LINE:
            raise refused(at, "", f"a line has at most {number(LONGEST_LINE)} characters.", code="max_length")
        yield line


def _chained(first: str, rest: Iterable[str]) -> Iterator[str]:
    yield first
    yield from rest


def _whole(code: str, message: str) -> Problem:
    return invalid([FieldError("file", code, message)])
