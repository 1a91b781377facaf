"""What a plain text in a column `expected` means: the text that one scorer needs of a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from evaluation_app.datasets.inputs import read_json
from foundation.problems import FieldError, invalid
from foundation.rest.rendering import dumps

TAKING: Final[Mapping[str, str]] = {
    "contains": "keywords",
    "exact": "value",
    "regex": "pattern",
    "semantic": "value",
    "numeric": "value",
    "equals_json": "value",
    "starts_with": "value",
    "ends_with": "value",
    "not_contains": "keywords",
}
"""Scorers that need one text of a case, with the parameter that takes it."""
MISSING: Final = object()


def expected_of_text(scorer: str, text: str, *, place: str) -> dict[str, Any]:
    """`{type, …}` of the text; a Problem where it is none that the scorer takes."""
    parameter = TAKING[scorer]
    value: Any = [text] if parameter == "keywords" else text
    if scorer == "numeric":
        try:
            value = float(text)
        except ValueError:
            raise invalid([FieldError(place, "invalid", f"{text[:40]!r} is no number.")]) from None
    if scorer == "equals_json":
        value = read_json(text, MISSING)
        if value is MISSING:
            raise invalid([FieldError(place, "invalid", f"{text[:40]!r} is no JSON.")])
    return {"type": scorer, parameter: value}


def text_of_expected(expected: Any) -> tuple[str, str] | None:
    """(scorer, text) of what is nothing but such a text; None of anything else."""
    if not isinstance(expected, Mapping) or expected.get("type") not in TAKING:
        return None
    scorer = str(expected["type"])
    parameter = TAKING[scorer]
    if expected.keys() != {"type", parameter}:
        return None
    value = expected[parameter]
    if parameter == "keywords":
        value = value[0] if isinstance(value, list) and len(value) == 1 else None
    if scorer == "numeric" and isinstance(value, int | float) and not isinstance(value, bool):
        value = f"{value:g}" if float(f"{value:g}") == value else repr(value)
    if scorer == "equals_json":
        value = dumps(value).decode()
    return (scorer, value) if isinstance(value, str) and value else None
