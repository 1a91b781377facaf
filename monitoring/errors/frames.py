"""What is told of an exception: its type and where in the code it passed; no message, no local, no line of source.

Messages quote what people wrote, and so do names that code made of their words has: a template that was compiled, a
type that was made at run time. Only names are told that stand in a file of the project, of a library or of Python.
"""

from __future__ import annotations

import re
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Final

ROOT: Final = f"{Path(__file__).resolve().parents[2]}/"
STANDARD: Final = f"{sysconfig.get_paths()['stdlib']}/"
MOST_LINKS: Final = 5
"""Exceptions that are told of one chain of causes."""
MOST_WALKED: Final = 2_000
"""Frames of one traceback that are looked at: more than Python's own limit of recursion."""
MOST_TOLD: Final = 50
ELSEWHERE: Final = "elsewhere"
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.<>]{0,199}")


@dataclass(frozen=True, slots=True)
class Frame:
    """A place in the code; `file` is relative to the project, a library's folder or Python's."""

    file: str
    function: str
    line: int
    is_ours: bool

    @property
    def place(self) -> str:
        """Module and function."""
        return f"{self.file.removesuffix('.py').replace('/', '.')}:{self.function}" if self.function else self.file


@dataclass(frozen=True, slots=True)
class Link:
    """One exception of a chain, the outermost frame first."""

    type: str
    frames: tuple[Frame, ...]

    def json(self) -> dict[str, Any]:
        """For the table; of many frames the last ones, of frames that repeat themselves one."""
        return {"type": self.type, "frames": [asdict(each) for each in _without_repeats(self.frames)[-MOST_TOLD:]]}


def chain_of(error: BaseException) -> list[Link]:
    """The exception, then its causes; of a group the first of its members as well."""
    told: list[Link] = []
    seen: set[int] = set()
    next_: BaseException | None = error
    while next_ is not None and id(next_) not in seen and len(told) < MOST_LINKS:
        seen.add(id(next_))
        told.append(Link(type_of(next_), tuple(_frames(next_.__traceback__))))
        next_ = _cause_of(next_)
    return told


def _cause_of(error: BaseException) -> BaseException | None:
    if isinstance(error, BaseExceptionGroup):
        return error.exceptions[0]
    if error.__cause__ is not None or error.__suppress_context__:
        return error.__cause__
    return error.__context__


def type_of(error: BaseException) -> str:
    """The name of its class; of one that was made at run time, that of the class it comes from."""
    for each in type(error).__mro__:
        name = f"{each.__module__}.{each.__qualname__}".removeprefix("builtins.")
        if _is_written(each) and _NAME.fullmatch(name):
            return name
    return "BaseException"


def _is_written(kind: type) -> bool:
    found: Any = sys.modules.get(kind.__module__)
    for part in kind.__qualname__.split("."):
        found = getattr(found, part, None)
    return found is kind


def _frames(traceback: TracebackType | None) -> Iterator[Frame]:
    walked = 0
    while traceback is not None and walked < MOST_WALKED:
        code = traceback.tb_frame.f_code
        yield _frame(code.co_filename, code.co_qualname, traceback.tb_lineno)
        traceback, walked = traceback.tb_next, walked + 1


@lru_cache(maxsize=4096)
def _frame(path: str, function: str, line: int) -> Frame:
    file, is_ours = file_of(path)
    is_known = file != ELSEWHERE and _NAME.fullmatch(function)
    return Frame(file, function if is_known else "", line if is_known else 0, is_ours)


@lru_cache(maxsize=4096)
def file_of(path: str) -> tuple[str, bool]:
    """How a file is told, and whether it is of the project; what is no file in any of these places stays untold."""
    _, library, below = path.rpartition("/site-packages/")
    if library:
        return below, False
    if path.startswith(ROOT):
        return path.removeprefix(ROOT), True
    if path.startswith(STANDARD):
        return path.removeprefix(STANDARD), False
    return ELSEWHERE, False


def _without_repeats(frames: tuple[Frame, ...]) -> list[Frame]:
    return list(dict.fromkeys(frames))
