"""Values of variables as they are typed into fields, and back; the way there and back changes nothing."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Any

import orjson

from foundation.presentation.typed_numbers import plainly
from templates_app.content import VariableType


def shown(value: Any, kind: str) -> str:
    """A value as the text of a field: strings as they are, everything else as JSON.

    A string that a field could not tell from nothing, or from JSON's own quotes, stands in quotes.
    """
    if kind != VariableType.STRING or not isinstance(value, str):
        return orjson.dumps(value).decode()
    is_plain = value.strip() and not (value[0] == value[-1] == '"' and len(value) > 1)
    return value if is_plain else orjson.dumps(value).decode()


def read(text: str, kind: str) -> Any:
    """The value that a field's text means; text that is no JSON stays text, for the rules to refuse."""
    if kind == VariableType.STRING and not (len(text) > 1 and text[0] == text[-1] == '"'):
        return text
    try:
        value = orjson.loads(plainly(text) if kind == VariableType.NUMBER else text)
    except orjson.JSONDecodeError:
        return text
    return value if kind != VariableType.STRING or isinstance(value, str) else text


def shown_choices(values: Any, kind: str) -> str:
    """A list of choices, one a line."""
    if not isinstance(values, list):
        return shown(values, VariableType.OBJECT)
    return "\n".join(_line(value, kind) for value in values)


def _line(value: Any, kind: str) -> str:
    text = shown(value, kind)
    return orjson.dumps(value).decode() if "\n" in text else text


def read_choices(text: str, kind: str) -> list[Any]:
    """The choices behind lines; empty lines say nothing."""
    return [read(line, kind) for line in text.split("\n") if line.strip()]


def shown_tags(tags: Sequence[str]) -> str:
    """Tags with commas between them; one that has a comma of its own stands in quotes."""
    written = StringIO()
    csv.writer(written, lineterminator="").writerow(tags)
    return written.getvalue() if any("," in tag or '"' in tag for tag in tags) else ", ".join(tags)


def read_tags(text: str) -> list[str]:
    """The tags behind such a text."""
    rows = csv.reader([text.replace("\r", " ").replace("\n", " ")], skipinitialspace=True)
    return [tag for tag in map(str.strip, next(rows, [])) if tag]


def pretty(value: Any) -> str:
    """JSON on several lines."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
