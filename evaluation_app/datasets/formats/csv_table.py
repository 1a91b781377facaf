"""CSV, safe to open in a spreadsheet, and what a spreadsheet makes of it: commas, semicolons or tabs.

A column a variable; what else a case has stands in columns that begin with two underscores. A cell that is no text is
JSON, and the row's `__json` names its column; in files with that column an empty cell is a value that is not there.
Variables whose names cannot be a column's stand in `__input`, as JSON. Columns of promptfoo are read as it does.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from evaluation_app.datasets.bodies import LARGEST_CASE
from evaluation_app.datasets.formats.asserts import assertion_of, scorers_of_asserts
from evaluation_app.datasets.formats.format import Body, Format, Read, Reading, refuse_archive, refused
from evaluation_app.datasets.formats.plain_expected import expected_of_text
from evaluation_app.datasets.inputs import RepeatedName, exact_json, read_json
from foundation import text_files, words
from foundation.downloads.columns import Column, Kind
from foundation.downloads.spreadsheet import neutralised, restored, written
from foundation.problems import FieldError, invalid
from foundation.rest.rendering import dumps
from foundation.words import counted

FACTS: Final = {
    "__key": "key", "__name": "name", "__split": "split", "__cluster": "cluster", "__weight": "weight",
    "__tags": "tags", "__origin": "origin", "__generated": "is_generated", "__scorers": "scorers", "__input": "input",
}  # fmt: skip
PLAIN: Final = {
    "key": "key", "case": "name", "split": "split", "cluster": "cluster", "weight": "weight", "tags": "tags",
}  # fmt: skip
"""As people call them; a variable of the template that is called so comes first."""
BEFORE: Final = ("__key", "__name", "__split", "__cluster", "__weight", "__tags", "__origin", "__generated")
"""Columns that stand before those of variables."""
EXPECTED: Final = re.compile(r"__expected\d*")
METADATA: Final = re.compile(r"__metadata:(?P<name>.+?)(?P<is_list>\[\])?")
BOOLEANS: Final = {"true": True, "false": False}
MISSING: Final = object()
NAME: Final = re.compile(r"(?!__)[^\W\d][\w .-]{0,99}(?<! )")
"""What a variable may be called by to be a column."""
MOST_COLUMNS: Final = 500
DELIMITERS: Final = ("\t", ",", ";")
SOMETHING: Final = re.compile(r"[^\s,;\"]")


def read(data: bytes, reading: Reading) -> Read:
    """The cases of a table whose first row names the columns; raises Problem, which names the place."""
    refuse_archive(data)
    text = text_files.read(data)
    found = read_table(text.text, reading)
    if text.note:
        found.note("", "encoding", text.note)
    return found


def read_table(text: str, reading: Reading) -> Read:
    """As `read`, of a text that somebody pasted."""
    rows = rows_of(text)
    names = [name.strip() for name in next(rows, [])]
    _check_names(names)
    found, table = Read(), _Table(names, reading)
    found.columns = table.columns
    for number, row in enumerate(rows):
        if len(row) > len(names):
            message = f"The row has {counted(len(row), 'cell')}, the first line {len(names)}."
            raise invalid([FieldError(f"cases.{number}", "too_many_cells", message)])
        found.add(table.body(number, row, found))
    if not found.bodies:
        raise refused("empty", "The first line names the columns; cases come below it, and there are none.")
    return found


def rows_of(text: str) -> Iterator[list[str]]:
    """The rows of a table that hold something, the one with the names first; raises Problem, which names the line."""
    first = _first_line(text)
    is_told = first.startswith("sep=") and len(first) == 5
    delimiter = first[4] if is_told else max(DELIMITERS, key=lambda each: (first.count(each), -DELIMITERS.index(each)))
    if csv.field_size_limit() < LARGEST_CASE:
        csv.field_size_limit(LARGEST_CASE)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows = (row for row in reader if any(cell.strip() for cell in row))
    try:
        if is_told:
            next(rows)
        for row in rows:
            # The reader's own limit is one for the whole process, and others read larger cells.
            if any(len(cell) > LARGEST_CASE for cell in row):
                raise refused(
                    "malformed_csv",
                    f"Line {words.number(reader.line_num)}: a cell has over {words.number(LARGEST_CASE)} characters.",
                )
            yield row
    except csv.Error as error:
        raise refused("malformed_csv", f"Line {words.number(reader.line_num)}: {error}.") from None


def _first_line(text: str) -> str:
    """The first line that is more than a spreadsheet's empty row."""
    found = SOMETHING.search(text)
    at = found.start() if found else 0
    start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    return text[start : end if end >= 0 else None].removesuffix("\r")


def _check_names(names: Sequence[str]) -> None:
    if len(names) > MOST_COLUMNS:
        raise refused(
            "too_many_columns", f"Up to {MOST_COLUMNS} columns are read; these are {words.number(len(names))}."
        )
    repeated = [name for name, count in Counter(names).items() if count > 1 and name]
    if repeated:
        raise refused("repeated", f"The column {repeated[0][:100]!r} is there twice.")


class _Table:
    """What the columns of a file are."""

    def __init__(self, names: Sequence[str], reading: Reading) -> None:
        self._names = names
        self._reading = reading
        self._is_ours = "__json" in names
        self._is_written_as_ours = self._is_ours or "__scorers" in names
        variables = set(reading.types.names) if reading.types else set()
        self.columns = {name: self._meaning(name, variables) for name in names if name}

    def _meaning(self, name: str, variables: set[str]) -> str:
        if name == "__json":
            return "types of cells"
        if name in FACTS:
            return FACTS[name]
        if EXPECTED.fullmatch(name):
            return "expected_output"
        if name == "__description":
            return "name"
        if found := METADATA.fullmatch(name):
            return PLAIN.get(found["name"], "not carried")
        if name.startswith("__"):
            return "not carried"
        if name in variables or self._is_ours:
            return "input"
        return PLAIN.get(name) or ("expected_output" if name == "expected" else "input")

    def body(self, number: int, row: Sequence[str], found: Read) -> Body:
        """A row as a case."""
        # A file of somebody else's may well have texts that begin with an apostrophe.
        cells = {name: self._text(cell) for name, cell in zip(self._names, row, strict=False)}
        typed = self._typed(number, cells.get("__json", ""), found)
        body: Body = {"input": {}}
        asserts: list[Any] = []
        for name, cell in cells.items():
            meaning = self.columns.get(name, "")
            place = f"cases.{number}.{name}"
            if not meaning:
                if cell.strip():
                    raise invalid(
                        [FieldError(f"cases.{number}", "no_name", f"{cell[:40]!r} stands in a column without a name.")]
                    )
            elif meaning == "input" and name != "__input":
                self._take_value(body["input"], number, name, cell, is_json=name in typed)
            elif not cell.strip() or meaning == "types of cells":
                continue
            elif meaning == "not carried":
                found.note(place, "not_carried", f"{name} has no place in a case: {cell[:80]!r} is left out.")
            elif EXPECTED.fullmatch(name):
                self._take_expected(body, asserts, place, cell, found)
            elif name == "expected":
                _put(body, meaning, expected_of_text(self._reading.scorer, cell, place=place), place)
            else:
                self._take_fact(body, place, name, meaning, cell)
        if asserts:
            _add_scorers(body, scorers_of_asserts(asserts, f"cases.{number}", found, body["input"]))
        return body

    def _text(self, cell: str) -> str:
        return restored(cell) if self._is_ours else cell

    def _typed(self, number: int, cell: str, found: Read) -> set[str]:
        names = read_json(cell, None) if cell.strip() else []
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise invalid([FieldError(f"cases.{number}.__json", "invalid", "A list of columns' names is expected.")])
        for name in sorted({*names} - self.columns.keys()):
            told = f"There is no column {name[:60]!r}: under another name its values are read as text."
            found.note(f"cases.{number}.__json", "as_text", told)
        return set(names)

    def _take_value(self, input_: dict[str, Any], number: int, name: str, cell: str, *, is_json: bool) -> None:
        place = f"cases.{number}.input.{name}"
        if is_json:
            # Spreadsheets write TRUE for true.
            value = BOOLEANS.get(cell.strip().lower(), MISSING)
            value = _json_in(cell, place) if value is MISSING else value
            if value is MISSING:
                message = f"{cell[:60]!r} is no JSON, which __json says that it is."
                raise invalid([FieldError(place, "malformed_json", message)])
            _put(input_, name, value, place)
        elif cell or not self._is_ours:
            types = self._reading.types
            _put(input_, name, types.value_of(name, cell) if types and not self._is_ours else cell, place)

    def _take_expected(self, body: Body, asserts: list[Any], place: str, cell: str, found: Read) -> None:
        is_like_json = cell.lstrip().startswith("{") and not cell.lstrip().startswith("{{")
        value = _json_in(cell, place) if is_like_json else None
        if isinstance(value, dict) and (self._is_written_as_ours or "type" in value):
            _put(body, "expected_output", value, place)
            return
        if is_like_json:
            told = "As promptfoo does it, this is read as a text that answers must equal."
            found.note(place, "as_text", told)
        asserts.append(assertion_of(cell))

    def _take_fact(self, body: Body, place: str, name: str, meaning: str, cell: str) -> None:
        value: Any = cell
        if meaning == "tags":
            value = _tags(cell)
        elif meaning == "is_generated":
            value = BOOLEANS.get(cell.strip().lower(), cell)
        elif meaning == "weight":
            value = weight_in(cell)
        elif meaning in ("scorers", "input"):
            value = _json_in(cell, place)
            if not isinstance(value, list if meaning == "scorers" else dict):
                raise invalid([FieldError(place, "malformed_json", "JSON is expected here.")])
        if meaning != "input":
            _put(body, meaning, value, place)
            return
        for each, inner in value.items():
            _put(body["input"], each, inner, place)


def _put(into: dict[str, Any], name: str, value: Any, place: str) -> None:
    """Sets what no other column has said; raises Problem, for one of the two would be lost."""
    if name in into:
        raise invalid([FieldError(place, "repeated", f"Two columns say what {name[:60]} is: keep one of them.")])
    into[name] = value


def _json_in(cell: str, place: str) -> Any:
    """The JSON value of a cell, or MISSING; raises Problem where an object in it has a name twice."""
    try:
        return exact_json(cell.encode())
    except RepeatedName as error:
        raise invalid([FieldError(place, "repeated", f"{error}.")]) from None
    except ValueError:
        return MISSING


def _add_scorers(body: Body, judged: Body) -> None:
    """What assertions come to, beside what other columns say."""
    scorers = list(judged.get("scorers", ()))
    if (expected := judged.get("expected_output")) and "expected_output" in body:
        params = {name: value for name, value in expected.items() if name != "type"}
        scorers.append({"scorer": expected["type"], "params": params, "weight": 1.0, "required": True})
    elif expected:
        body["expected_output"] = expected
    if scorers:
        body["scorers"] = [*body.get("scorers", ()), *scorers]


def weight_in(text: str) -> float | str:
    """The number, also with a comma as some spreadsheets write it; what is none is told by the rules of a case."""
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return text


def _tags(cell: str) -> list[str]:
    listed = read_json(cell, None) if cell.lstrip().startswith("[") else None
    if isinstance(listed, list):
        return listed
    # promptfoo writes a comma within a tag as \,
    parts = re.split(r"(?<!\\),", cell)
    return [part.replace("\\,", ",").strip() for part in parts if part.strip()]


def write(about: Mapping[str, Any], cases: Iterable[Body]) -> Iterator[bytes]:
    """The table: what is written is read back as it was. The cases are gone through twice."""
    names = _column_names(cases)
    kept = set(names)
    columns = [
        *(_fact(name) for name in BEFORE),
        *(Column(name, Kind.TEXT, _value_of(name)) for name in names),
        Column("__input", Kind.TEXT, lambda row: _json({n: v for n, v in row["input"].items() if n not in kept})),
        Column("__expected", Kind.TEXT, lambda row: _json(row["expected_output"])),
        Column("__scorers", Kind.TEXT, lambda row: _json(row["scorers"])),
        Column("__json", Kind.TEXT, lambda row: _marked(row, kept)),
    ]  # fmt: skip
    return written(columns, cases)


def _column_names(cases: Iterable[Body]) -> list[str]:
    names = dict.fromkeys(name for case in cases for name in case["input"])
    return [name for name in names if NAME.fullmatch(name) and neutralised(name) == name][: MOST_COLUMNS - 20]


def _value_of(name: str) -> Any:
    def value(row: Body) -> str | None:
        if name not in row["input"]:
            return None
        found = row["input"][name]
        return dumps(found).decode() if _is_json(found) else str(found)

    return value


def _is_json(value: Any) -> bool:
    """Whether a cell of it is JSON: no text, or one that would read as nothing."""
    return not isinstance(value, str) or not value


def _fact(name: str) -> Column:
    meaning = FACTS[name]
    if meaning == "tags":
        return Column(name, Kind.TEXT, lambda row: _json(row["tags"]))
    if meaning == "weight":
        return Column(name, Kind.NUMBER, lambda row: row["weight"] if row["weight"] != 1 else None)
    if meaning == "is_generated":
        return Column(name, Kind.BOOLEAN, lambda row: row["is_generated"])
    return Column(name, Kind.TEXT, lambda row: row[meaning] or None)


def _marked(row: Body, kept: set[str]) -> str:
    """The columns whose cells are JSON; there in every row, for it is what tells a file of ours."""
    return dumps([name for name, value in row["input"].items() if name in kept and _is_json(value)]).decode()


def _json(value: Any) -> str | None:
    return dumps(value).decode() if value else None


CSV: Final = Format("csv", "CSV", "text/csv; charset=utf-8", ".csv", read, write)
