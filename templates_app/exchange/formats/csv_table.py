"""Tables of prompts: `act,prompt` and its kin, with commas, semicolons or tabs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from foundation.problems import Problem
from foundation.words import number
from templates_app.exchange.dialects.csv_columns import PROMPT, columns_of, knows, plain
from templates_app.exchange.formats.format import MOST_TEMPLATES, Choices, Draft, Drafts, Format, refused
from templates_app.exchange.mapping.braces import Names, from_double_braces
from templates_app.exchange.mapping.naming import LONGEST, beginning_of, name_of, named_apart, tags_of
from templates_app.exchange.source import Source

"""Templates that one import may bring."""
LONGEST_CELL: Final = 1 << 24
LONGEST_CATEGORY: Final = 100
LONGEST_DESCRIPTION: Final = 10_000
DELIMITERS: Final = (",", ";", "\t")
ENDINGS: Final = frozenset({".csv", ".tsv"})
_SAID: Final = ("for devs", "type", "contributor")
"""Columns of prompts.chat beside those that everybody has."""
_DOLLAR: Final = re.compile(r"\$\{(?P<name>[^{}:$\n]{1,60})(?::(?P<default>[^{}\n]{0,200}))?\}")
_OTHER_PLACES: Final = re.compile(
    r"(?<!\{)\{[A-Za-z_][\w ]{0,40}\}(?!\})|\[[A-Za-z][\w ]{0,40}\](?!\()|<[A-Z][A-Z_ ]{2,40}>"
)


class Row(NamedTuple):
    """A row of the table; the one with the columns' names is number 1."""

    number: int
    cells: list[str]


def recognises(source: Source) -> bool:
    """By the file's ending, or by a first line that names columns of prompts."""
    if source.suffix in ENDINGS:
        return True
    try:
        text = source.text
    except Problem:
        return False
    if source.suffix not in ("", ".txt") or text.lstrip()[:1] in ("{", "[", "-", "#", "<", "", "%"):
        return False
    first = text.lstrip().partition("\n")[0]
    if len(first) > 2_000 or "\n" not in text.strip():
        return False
    return any(knows(next(csv.reader([first], delimiter=each), [])) for each in DELIMITERS)


def read(source: Source, choices: Choices) -> Drafts:
    """A template a row; raises Problem `columns` where somebody has to say what the columns are."""
    if "\x00" in source.text:
        raise refused("", "nul_character", "A NUL character cannot be stored.")
    rows = list(_rows(source.text, source.suffix))
    if not rows:
        raise refused("", "empty", "The table is empty.")
    header = [each.strip() or f"column {at + 1}" for at, each in enumerate(rows[0].cells)]
    columns = columns_of(header, choices.columns)
    drafts = Drafts()
    held = [row for row in rows[1:] if _cell(row, columns[PROMPT]).strip()]
    if len(held) > MOST_TEMPLATES:
        message = (
            f"The table has {number(len(held))} prompts; "
            f"up to {number(MOST_TEMPLATES)} are taken at once: bring it in parts."
        )
        raise refused("rows", "too_many", message)
    table = _Table(header, columns)
    drafts.templates = named_apart(table.draft(row) for row in held)
    if not drafts.templates:
        raise refused(f"rows.2.{header[columns[PROMPT]][:100]}", "empty", "No row has a prompt.")
    empty = [str(row.number) for row in rows[1:] if not _cell(row, columns[PROMPT]).strip()]
    if empty:
        listed = ", ".join(empty[:20]) + (" and others" if len(empty) > 20 else "")
        drafts.notes.append(f"Rows without a prompt are left out: {listed}.")
    if table.others:
        drafts.notes.append(f"Columns that are not carried over: {', '.join(table.others)[:500]}.")
    return drafts


class _Table:
    def __init__(self, header: Sequence[str], columns: Mapping[str, int]) -> None:
        self._columns = columns
        names = [plain(each) for each in header]
        self._said = {
            name: names.index(name) for name in _SAID if name in names and names.index(name) not in columns.values()
        }
        # prompts.chat writes its variables as ${name} or ${name:default}.
        self._has_dollars = names[columns[PROMPT]] == "prompt" and "act" in names
        known = {*columns.values(), *self._said.values()}
        self.others = [name[:100] for at, name in enumerate(header) if at not in known]
        self._width = len(header)

    def draft(self, row: Row) -> Draft:
        cells = {field: _cell(row, at) for field, at in self._columns.items()}
        draft = Draft({}, f"rows.{row.number}")
        entry = draft.entry
        name = name_of(cells.get("name")) or f"Row {row.number}: {beginning_of(cells[PROMPT])}"
        entry["name"] = name[:LONGEST]
        if category := cells.get("category", "").strip():
            entry["category"] = category[:LONGEST_CATEGORY]
        if description := self._description(row, cells).strip():
            entry["description"] = description[:LONGEST_DESCRIPTION]
        if tags := self._tags(row, cells, draft):
            entry["tags"] = tags
        entry["versions"] = [self._version(cells, draft)]
        if len(row.cells) > self._width:
            draft.note(f"The row has {len(row.cells)} cells, the first line {self._width}: the others are left out.")
        return draft

    def _description(self, row: Row, cells: Mapping[str, str]) -> str:
        said = cells.get("description", "")
        by = self._cell_said(row, "contributor")
        return f"{said}\n\nBy {by}" if said and by else said or (f"By {by}" if by else "")

    def _tags(self, row: Row, cells: Mapping[str, str], draft: Draft) -> list[str]:
        said = re.sub(r"[;|#]", ",", cells.get("tags", "")).strip("[] ").replace('"', "")
        tags = tags_of(said, draft) if said else []
        kind = self._cell_said(row, "type").lower()
        is_for_devs = self._cell_said(row, "for devs").lower() in ("true", "1", "yes")
        more = [*(["developers"] if is_for_devs else []), *([kind] if kind and kind != "text" else [])]
        return list(dict.fromkeys([*tags, *more]))[:30]

    def _cell_said(self, row: Row, name: str) -> str:
        return _cell(row, self._said[name]).strip() if name in self._said else ""

    def _version(self, cells: Mapping[str, str], draft: Draft) -> dict[str, Any]:
        names = Names(draft)
        defaults: dict[str, str] = {}
        texts = {field: self._text(cells.get(field, ""), names, defaults) for field in (PROMPT, "system_prompt")}
        if any(_OTHER_PLACES.search(text) for text in texts.values()):
            draft.note("It has places such as {x}, [x] or <X>, which stay text: write {{x}} where a variable is meant.")
        version: dict[str, Any] = {field: text for field, text in texts.items() if text.strip()}
        if defaults:
            version["variables"] = [
                {"name": name, **({"default_value": defaults[name], "required": False} if name in defaults else {})}
                for name in names.ours[:100]
            ]
        return version

    def _text(self, text: str, names: Names, defaults: dict[str, str]) -> str:
        if not self._has_dollars:
            return from_double_braces(text, names)

        def doubled(found: re.Match[str]) -> str:
            name = found["name"].strip()
            if not re.fullmatch(r"[^\W\d][\w .\-]*", name):
                return found[0]
            if found["default"] is not None:
                defaults.setdefault(names.of(name), found["default"].strip())
            return f"{{{{{name}}}}}"

        return from_double_braces(_DOLLAR.sub(doubled, text), names)


def _cell(row: Row, at: int) -> str:
    return row.cells[at] if at < len(row.cells) else ""


def _rows(text: str, suffix: str) -> Iterator[Row]:
    """The rows that hold something, numbered as a spreadsheet does."""
    if csv.field_size_limit() < LONGEST_CELL:
        csv.field_size_limit(LONGEST_CELL)
    text, delimiter = _delimited(text, suffix)
    for is_strict in (True, False):
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=is_strict)
        try:
            rows = [Row(at + 1, cells) for at, cells in enumerate(reader)]
        except csv.Error as error:
            if not is_strict or "unexpected end" in str(error):
                raise refused("", "malformed_csv", f"Line {number(reader.line_num)}: {error}.") from None
        else:
            break
    first = next((at for at, row in enumerate(rows) if any(cell.strip() for cell in row.cells)), len(rows))
    yield from rows[first : first + 1]
    yield from (row for row in rows[first + 1 :] if row.cells)


def _delimited(text: str, suffix: str) -> tuple[str, str]:
    """The text without a spreadsheet's `sep=;`, and what is between its cells: what makes most columns of prompts."""
    first, _, rest = text.partition("\n")
    if re.fullmatch(r"sep=.\r?", first):
        return rest, first[4]
    lines = text.lstrip("\r\n").partition("\n")[0]

    def likely(delimiter: str) -> tuple[bool, int, bool]:
        cells = next(csv.reader([lines], delimiter=delimiter), [])
        return knows(cells), len(cells), (delimiter == "\t") == (suffix == ".tsv")

    return text, max(DELIMITERS, key=likely)


CSV: Final = Format("csv", "Table of prompts (CSV)", recognises, read)
