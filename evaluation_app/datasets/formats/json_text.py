"""JSON as it comes in files: one value, or one a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from evaluation_app.datasets.bodies import LARGEST_CASE
from evaluation_app.datasets.formats.format import refused
from evaluation_app.datasets.inputs import exact_json


def whole(data: bytes) -> Any:
    """The value of a file that is a list, or one object that holds cases or tests; None of any other file."""
    if data.lstrip()[:1] == b"[":
        try:
            return exact_json(data)
        except ValueError as error:
            raise refused("malformed_json", f"The file is no JSON: {error}.") from None
    try:
        value = exact_json(data)
    except ValueError:
        return None
    return value if isinstance(value, Mapping) and {"cases", "tests"} & value.keys() else None


def lines(data: bytes) -> Iterator[dict[str, Any]]:
    """The objects of a file that has one a line; raises Problem, which names the line."""
    for number, line in enumerate(data.splitlines(), start=1):
        if not line.strip():
            continue
        if len(line) > 2 * LARGEST_CASE:
            raise refused("too_large", f"Line {number:,} has {len(line):,} bytes: a case has up to {LARGEST_CASE:,}.")
        try:
            value = exact_json(line)
        except ValueError as error:
            raise refused("malformed_json", f"Line {number:,} is no JSON: {error}.") from None
        if not isinstance(value, dict):
            raise refused("invalid", f"Line {number:,} is no object, as a case is.")
        yield value
