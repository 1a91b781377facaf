"""YAML: a document of ours, a list of cases, or a configuration of promptfoo."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from evaluation_app.datasets.formats.document import read_document
from evaluation_app.datasets.formats.format import Body, Format, Read, Reading
from evaluation_app.datasets.formats.yaml_values import values, written

FORMAT_NAME: Final = "llm-playground-dataset"
VERSION: Final = 1


def read(data: bytes, reading: Reading) -> Read:
    """The cases of the file; raises Problem, which names the line."""
    return read_document(values(data))


def write(about: Mapping[str, Any], cases: Iterable[Body]) -> Iterator[bytes]:
    """One document; raises Problem where it would be larger than what is read."""
    return written(f"format: {FORMAT_NAME}\nversion: {VERSION}\n", "cases", cases)


YAML: Final = Format("yaml", "YAML", "application/yaml", ".yaml", read, write)
