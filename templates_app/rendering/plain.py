"""The default engine: plain substitution without logic. Values are inserted as they are and never looked at again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from foundation.rest.serializers import LONGEST_TEXT
from foundation.words import number
from templates_app.errors import cannot_render
from templates_app.rendering.placeholders import placeholders


def render(text: str, values: Mapping[str, Any]) -> str:
    """`text` with its variables' values; one without a value (optional, no default) leaves nothing behind."""
    written = {name: as_text(value) for name, value in values.items()}
    parts: list[str] = []
    length, at = 0, 0
    for place in placeholders(text):
        value = written.get(place.name, "") if place.name else place.literal
        parts += (text[at : place.start], value)
        length += place.start - at + len(value)
        at = place.end
        if length > LONGEST_TEXT:
            raise cannot_render(
                f"The rendered text is longer than {number(LONGEST_TEXT)} characters.", code="output_too_large"
            )
    return "".join((*parts, text[at:]))


def as_text(value: Any) -> str:
    """A string as it is; everything else as compact JSON."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()
