"""An answer that comes in pieces, with the values in place of their placeholders, wherever the pieces are cut."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import orjson

from privacy.masking.placeholders import LONGEST, SHAPE, Placeholders

_BEGUN: Final = re.compile(r"\[(?:[A-Z](?:[A-Z0-9]|\\?_)*\\?)?\Z")
"""What may become a placeholder with the next piece."""


class Restorer:
    """One text that comes in pieces; what may be the beginning of a placeholder waits for the next one.

    `is_json`: its placeholders stand within strings of JSON.
    """

    def __init__(self, placeholders: Placeholders, *, is_json: bool = False) -> None:
        self._placeholders = placeholders
        self._is_json = is_json
        self._held = ""

    def take(self, piece: str) -> str:
        """What can be told by now."""
        text = self._held + piece
        self._held = ""
        start = text.rfind("[", max(0, len(text) - LONGEST))
        if start != -1 and _BEGUN.match(text, start):
            text, self._held = text[:start], text[start:]
        return self._restored(text)

    def rest(self) -> str:
        """What was held, which nothing follows."""
        text, self._held = self._held, ""
        return self._restored(text)

    def _restored(self, text: str) -> str:
        return SHAPE.sub(self._value, text) if "[" in text else text

    def _value(self, match: re.Match[str]) -> str:
        value = self._placeholders.value(match.group())
        if value is None:
            return match.group()
        return self._placeholders.in_json(value) if self._is_json else value


def json_text(text: str, placeholders: Placeholders) -> str:
    """JSON text with the values in its strings, also where a model has escaped what it need not."""
    whole = Restorer(placeholders, is_json=True)
    restored = whole.take(text) + whole.rest()
    if not placeholders or "\\u00" not in restored:
        return restored
    try:
        value = orjson.loads(restored)
    except orjson.JSONDecodeError:
        return restored
    changed = each_string(value, placeholders.restored)
    return restored if changed == value else orjson.dumps(changed).decode()


def each_string(value: Any, change: Callable[[str], str]) -> Any:
    """A JSON value with every string in it changed, keys as well."""
    match value:
        case str():
            return change(value)
        case list() | tuple():
            return [each_string(inner, change) for inner in value]
        case dict():
            return {change(name): each_string(inner, change) for name, inner in value.items()}
        case _:
            return value
