"""JSON that can be kept: the check that every body passes before anything looks at it.

PostgreSQL's jsonb, REST framework's fields and Python's recursion each answer odd JSON with an
error of their own: NUL, lone surrogates, numbers past 2^53, nesting without end. They are refused
here, once, with the place named.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any, Final

import orjson

from foundation.numbers import LARGEST_INTEGER
from foundation.problems import FieldError, Problem, invalid

DEEPEST: Final = 64
# From here on orjson may read a whole number as the nearest float, and nobody would learn that it was changed.
LONG_NUMBER: Final = re.compile(rb"\d{19}")


def check(value: Any) -> None:
    """Raises a Problem that names the first place that cannot be stored and sent on unchanged."""
    for path, code, message in _faults(value, "", 1):
        raise invalid([FieldError(path, code, message)])


def _faults(value: Any, path: str, depth: int) -> Iterator[tuple[str, str, str]]:
    if isinstance(value, str):
        if "\x00" in value:
            yield path, "nul_character", "A NUL character cannot be stored."
    elif isinstance(value, float):
        if not math.isfinite(value):
            yield path, "number_too_large", "Numbers are taken up to ±1.7e308."
    elif isinstance(value, bool) or value is None:
        return
    elif isinstance(value, int):
        if not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
            yield path, "number_too_large", "Whole numbers are taken up to ±2^53."
    elif depth > DEEPEST:
        yield path, "too_deep", f"Nesting is taken up to {DEEPEST} levels."
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _faults(name, path, depth)
            yield from _faults(inner, f"{path}.{name}" if path else name, depth + 1)
    else:
        for position, inner in enumerate(value):
            yield from _faults(inner, f"{path}.{position}" if path else str(position), depth + 1)


def parse(body: bytes) -> Any:
    """The JSON value of a body; raises a Problem (400). orjson refuses NaN, lone surrogates and bad UTF-8."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Problem(400, "malformed_json", f"The body is not JSON: {error}.") from None
    check(value)
    if LONG_NUMBER.search(body):
        check(json.loads(body))
    return value
