"""JSON Lines: a case a line, in the API's shape; a list, or an object that holds one, is read too.

Lines with `vars` are tests of promptfoo, and read as such.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from evaluation_app.datasets.formats import json_text
from evaluation_app.datasets.formats.document import read_document
from evaluation_app.datasets.formats.format import Body, Format, Read, Reading, checked_bytes, refused
from evaluation_app.datasets.formats.promptfoo import is_test, read_tests
from foundation.rest.rendering import dumps


def read(data: bytes, reading: Reading) -> Read:
    """The cases of the file; raises Problem, which names the line."""
    data = checked_bytes(data)
    if (value := json_text.whole(data)) is not None:
        return read_document(value)
    found, tests = Read(), list[Any]()
    for each in json_text.lines(data):
        if is_test(each):
            tests.append(each)
        else:
            found.add(each)
    if tests and found.bodies:
        raise refused("mixed", "Some lines are tests of promptfoo, some are cases: a file holds one of the two.")
    return read_tests(tests) if tests else found


def write(about: Mapping[str, Any], cases: Iterable[Body]) -> Iterator[bytes]:
    """A line a case."""
    for case in cases:
        yield dumps(case) + b"\n"


JSONL: Final = Format("jsonl", "JSON Lines", "application/jsonl", ".jsonl", read, write)
