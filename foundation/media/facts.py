"""What is known of a file's bytes, and why some are not taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LARGEST: Final = 20 * 2**20
"""Bytes of one file."""


@dataclass(frozen=True, slots=True)
class Media:
    """A file that is what it says it is; what does not concern its kind is 0."""

    media_type: str
    width: int = 0
    height: int = 0
    """Pixels."""
    frames: int = 0
    pages: int = 0

    @property
    def is_picture(self) -> bool:
        """Whether it is seen, not read."""
        return self.media_type.startswith("image/")


class NotTaken(ValueError):
    """Bytes that are none of the kinds that are taken, or more than they pretend; `code` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def broken(kind: str) -> NotTaken:
    """It begins as one of `kind`, and does not go on as one."""
    return NotTaken("broken_file", f"It begins as a {kind} and is none: it is cut off, or damaged.")


def trailing(kind: str) -> NotTaken:
    """Something stands behind the file's own end: it could be read as another kind of file."""
    return NotTaken("more_than_one_file", f"Something else stands behind the end of this {kind}: save it anew.")


def bomb(what: str) -> NotTaken:
    """A small file that becomes very large where it is opened."""
    return NotTaken("too_large_unpacked", f"{what} Make it smaller.")
