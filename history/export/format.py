"""What a file format of an export is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]
"""An execution as the API shows it (PromptExecution), with its links beside."""
Writer = Callable[[dict[str, Any], Iterable[Row]], Iterator[bytes]]
"""Session and rows (oldest first) to the file's bytes, in constant memory.

A writer gives something for every row that it takes, if only `b""`: whoever pulls may then stop in between.
"""


@dataclass(frozen=True, slots=True)
class Format:
    """One file format; `name` is what `?format=` says."""

    name: str
    media_type: str
    suffix: str
    write: Writer
    has_feedback: bool = False
    """Whether its rows have `ratings` and `comments` where people have said something."""
