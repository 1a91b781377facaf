"""What a JSON value is as cases: a list of them, a document of ours, or tests of promptfoo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evaluation_app.datasets.formats import promptfoo
from evaluation_app.datasets.formats.format import Read, refused


def read_document(value: Any) -> Read:
    """The cases of a JSON value: a list of them, `{cases: […]}`, or tests of promptfoo; raises Problem."""
    if isinstance(value, Mapping) and "cases" not in value and "tests" in value:
        return promptfoo.read_document(value)
    listed = value.get("cases") if isinstance(value, Mapping) else value
    if not isinstance(listed, list):
        raise refused("invalid", "A list of cases is expected, or an object that holds one as cases.")
    if listed and all(isinstance(each, Mapping) and promptfoo.is_test(each) for each in listed):
        return promptfoo.read_tests(listed)
    found = Read()
    for each in listed:
        found.add(each)
    if isinstance(value, Mapping):
        for name in sorted(value.keys() - {"cases", "format", "version"}):
            found.note(name[:100], "not_carried", "This belongs to the dataset, and is not changed by a file.")
    return found
