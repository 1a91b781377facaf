"""JSON as it comes in files: one value, or one a line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from evaluation_app.datasets.bodies import LARGEST_CASE
from evaluation_app.datasets.formats.format import refused
from evaluation_app.datasets.inputs import RepeatedName, exact_json
from foundation.problems import Problem
from foundation.words import number

PARTS: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],\n]')


def whole(data: bytes) -> Any:
    """The value of a file that is a list, or one object that holds cases or tests; None of any other file."""
    if data.lstrip()[:1] == b"[":
        try:
            return exact_json(data)
        except RepeatedName:
            raise _repeated(data) from None
        except ValueError as error:
            raise refused("malformed_json", f"The file is no JSON: {error}.") from None
    try:
        value = exact_json(data)
    except RepeatedName:
        raise _repeated(data) from None
    except ValueError:
        return None
    return value if isinstance(value, Mapping) and {"cases", "tests"} & value.keys() else None


def lines(data: bytes) -> Iterator[dict[str, Any]]:
    """The objects of a file that has one a line; raises Problem, which names the line."""
    for at, line in enumerate(data.splitlines(), start=1):
        if not line.strip():
            continue
        if len(line) > 2 * LARGEST_CASE:
            raise refused(
                "too_large",
                f"Line {number(at)} has {number(len(line))} bytes: a case has up to {number(LARGEST_CASE)}.",
            )
        try:
            value = exact_json(line)
        except RepeatedName as error:
            raise refused("repeated", f"Line {number(at)}: {error}.") from None
        except ValueError as error:
            raise refused("malformed_json", f"Line {number(at)} is no JSON: {error}.") from None
        if not isinstance(value, dict):
            raise refused("invalid", f"Line {number(at)} is no object, as a case is.")
        yield value


def _repeated(data: bytes) -> Problem:
    """Names the line of a file, which is JSON, where a name stands once more in its object."""
    line, is_name, open_ = 1, False, list[set[str] | None]()
    for part in PARTS.findall(data.decode()):
        if part == "\n":
            line += 1
        elif part in ("{", "["):
            open_.append(set() if part == "{" else None)
            is_name = part == "{"
        elif part in ("}", "]"):
            open_.pop()
        elif part == ",":
            is_name = open_[-1] is not None
        elif is_name and (names := open_[-1]) is not None:
            name, is_name = json.loads(part), False
            if name in names:
                return refused("repeated", f"Line {number(line)}: {name[:60]!r} is there twice in one object.")
            names.add(name)
    return refused("repeated", "A name is there twice in one object.")
