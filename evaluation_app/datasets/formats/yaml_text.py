"""YAML: a document of ours, a list of cases, or a configuration of promptfoo."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from evaluation_app.datasets.formats.document import read_document
from evaluation_app.datasets.formats.format import Body, Format, Read, Reading, refused
from evaluation_app.datasets.formats.yaml_values import LARGEST, dumped, values

FORMAT_NAME: Final = "llm-playground-dataset"
VERSION: Final = 1


def read(data: bytes, reading: Reading) -> Read:
    """The cases of the file; raises Problem, which names the line."""
    return read_document(values(data))


def write(about: Mapping[str, Any], cases: Iterable[Body]) -> Iterator[bytes]:
    """One document; raises Problem where it would be larger than what is read."""
    size = 0
    for part in _written(cases):
        size += len(part)
        if size > LARGEST:
            raise refused("too_large", f"As YAML it has more than {LARGEST:,} bytes: take JSON Lines.")
        yield part


def _written(cases: Iterable[Body]) -> Iterator[bytes]:
    yield f"format: {FORMAT_NAME}\nversion: {VERSION}\ncases:\n".encode()
    is_empty = True
    for case in cases:
        is_empty = False
        yield dumped([case])
    if is_empty:
        yield b"  []\n"


YAML: Final = Format("yaml", "YAML", "application/yaml", ".yaml", read, write)
