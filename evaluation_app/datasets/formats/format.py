"""What a file format of datasets is."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from evaluation_app.creation.bodies import MOST_CASES
from evaluation_app.datasets.inputs import InputTypes
from foundation import text_files
from foundation.problems import FieldError, Problem, invalid
from foundation.words import number

MOST_NOTES: Final = 1_000
ARCHIVES: Final = (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"(\xb5/\xfd")
"""How packed files begin: what they come to is not known before it is too late."""

Body = dict[str, Any]
"""A case in the API's shape, not checked yet."""


class Note(NamedTuple):
    """What of a file is not carried over, or is read otherwise than somebody may expect."""

    place: str
    code: str
    message: str


@dataclass(slots=True)
class Read:
    """What a file holds."""

    bodies: list[Body] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    """Of a table: what each was read as."""

    def add(self, body: Body) -> None:
        """Takes a case; raises Problem where there are too many."""
        if len(self.bodies) >= MOST_CASES:
            message = f"A dataset holds up to {number(MOST_CASES)} cases; the file has more."
            raise invalid([FieldError("cases", "max_length", message)])
        self.bodies.append(body)

    def note(self, place: str, code: str, message: str) -> None:
        """Tells of something; after very many, that there are more."""
        if len(self.notes) < MOST_NOTES:
            self.notes.append(Note(place, code, message))
        elif len(self.notes) == MOST_NOTES:
            self.notes.append(Note("", "more", "There is more of that kind, which is not told one by one."))


class Reading(NamedTuple):
    """What a reader goes by beside the file."""

    types: InputTypes | None = None
    """What inputs are typed against: cells of tables become values of these types."""
    scorer: str = "contains"
    """What judges a plain text in a column `expected`."""


@dataclass(frozen=True, slots=True)
class Format:
    """One file format; `name` is what `?format=` says, `title` what a menu does."""

    name: str
    title: str
    media_type: str
    suffix: str
    read: Callable[[bytes, Reading], Read]
    write: Callable[[Mapping[str, Any], Iterable[Body]], Iterator[bytes]]
    """From what is told of the dataset, and its cases, which may be gone through more than once."""


def refused(code: str, message: str) -> Problem:
    """400: the file is none of that format."""
    return invalid([FieldError("file", code, message)])


def refuse_archive(data: bytes) -> None:
    """A Problem where the bytes are packed."""
    if data.startswith(ARCHIVES):
        raise refused("archive", "This is an archive: unpack it, and send the file that is in it.")


def checked_bytes(data: bytes) -> bytes:
    """The bytes as UTF-8 without a mark; a Problem where they are nothing, packed, or no text of a certain encoding."""
    refuse_archive(data)
    if data.startswith(codecs.BOM_UTF8) or not _is_utf8(data):
        data = text_files.read_certain(data).encode()
    if not data.strip():
        raise refused("empty", "The file is empty.")
    return data


def text_of(data: bytes) -> str:
    """The file as text; raises Problem."""
    return text_files.read_certain(checked_bytes(data))


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in data
