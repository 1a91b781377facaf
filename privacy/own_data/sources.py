"""What a person takes with them, told by the apps that keep it: records of a kind, and files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from accounts.models import User

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class File:
    """A file of theirs: its name in the archive, and its bytes, read when they are asked for."""

    name: str
    pieces: Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Source:
    """Records of one kind, a line each."""

    name: str
    """Of the file in the archive, without its ending."""
    meaning: str
    """What the README says of it."""
    records: Callable[[User], Iterator[Record]]


@dataclass(frozen=True, slots=True)
class Files:
    """Files of one kind, in a folder."""

    folder: str
    meaning: str
    files: Callable[[User], Iterator[File]]


_sources: Final[dict[str, Source | Files]] = {}


def register(source: Source | Files) -> None:
    """To be called when the app is ready."""
    name = source.name if isinstance(source, Source) else source.folder
    if _sources.setdefault(name, source) is not source:
        raise ValueError(f"{name} is there already")


def in_order() -> list[Source | Files]:
    """All of them, by name; files last."""
    return sorted(_sources.values(), key=lambda each: (isinstance(each, Files), getattr(each, "name", "")))
