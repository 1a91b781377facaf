r"""A text with its values: `{{name}}`; `\{{name}}` is the literal, `\\{{name}}` a backslash before the value.

Before two braces two backslashes stand for one; elsewhere they mean themselves.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from llm_playground_client.errors import cannot_render

LONGEST_TEXT: Final = 1_000_000
LONGEST_NAME: Final = 64
# Linear: each part is bounded or a run of one character, and nothing is tried twice at one place.
_PLACE: Final = re.compile(
    r"(?<!\\)(?P<slashes>\\*)\{\{(?:[ \t\r\n]{0,20}(?P<name>[^\W\d][^\s{}\\]{0,63})[ \t\r\n]{0,20}\}\})?"
)
_PARTIAL: Final = re.compile(r"(?<!\\)(\\*)\{\{>")


class Place(NamedTuple):
    """One place of the text, with the backslashes before it; `written` stands there, then the value of `name`."""

    written: str
    name: str
    start: int
    end: int


def places(text: str) -> Iterator[Place]:
    """Every place of `text`, from its start."""
    at = 0
    while found := _PLACE.search(text, at):
        slashes, name = found["slashes"], name_of(found["name"] or "")
        braces = found.start() + len(slashes)
        half = "\\" * (len(slashes) // 2)
        if len(slashes) % 2:
            yield Place(half + "{{", "", found.start(), at := braces + 2)
        elif name:
            yield Place(half, name, found.start(), at := found.end())
        elif slashes:
            yield Place(half, "", found.start(), at := braces)
        else:
            at = braces + 1


def name_of(written: str) -> str:
    """The name that is written so, in the one way of its characters (NFKC); empty when it is none."""
    name = unicodedata.normalize("NFKC", written)
    return name if written.isidentifier() and len(name) <= LONGEST_NAME else ""


def names_in(*texts: str) -> list[str]:
    """The variables used, each once, in the order of their first use."""
    return list(dict.fromkeys(place.name for text in texts for place in places(text) if place.name))


def has_partials(text: str) -> bool:
    """Whether another template's text belongs into it."""
    return any(len(found[1]) % 2 == 0 for found in _PARTIAL.finditer(text))


def filled(text: str, values: Mapping[str, Any], *, field: str) -> str:
    """`text` with its variables' values; one without a value (optional, no default) leaves nothing behind."""
    parts: list[str] = []
    length, at = 0, 0
    for place in places(text):
        value = as_text(values[place.name]) if place.name in values else ""
        parts += (text[at : place.start], place.written, value)
        length += place.start - at + len(place.written) + len(value)
        at = place.end
        if length > LONGEST_TEXT:
            message = f"The rendered text is longer than {LONGEST_TEXT} characters."
            raise cannot_render(message, code="output_too_large", field=field)
    return "".join((*parts, text[at:]))


def as_text(value: Any) -> str:
    """A string as it is; everything else as compact JSON, numbers as the service writes them."""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, list):
        return f"[{','.join(map(_json, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{_json(name)}:{_json(inner)}' for name, inner in value.items())}}}"
    return json.dumps(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else as_text(value)


def _number(value: float) -> str:
    """As the service's library writes it: 0.00001 in full, and exponents without a zero before them."""
    written = repr(value)
    digits, has_exponent, exponent = written.partition("e-")
    if not has_exponent:
        return written
    if int(exponent) == 5:
        sign = "-" if digits.startswith("-") else ""
        return f"{sign}0.0000{digits.lstrip('-').replace('.', '')}"
    return f"{digits}e-{int(exponent)}"
