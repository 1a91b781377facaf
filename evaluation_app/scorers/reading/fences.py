"""Fenced blocks of Markdown (CommonMark 0.31, section 4.5), found in one walk over the lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_OPENING: Final = re.compile(r"[ \t]*(`{3,}(?=[^`]*$)|~{3,})")
_CLOSING: Final = re.compile(r"[ \t]*(`{3,}|~{3,})[ \t]*$")


class Block(NamedTuple):
    """`text` stands between the fences, which begin and end at these characters of the whole."""

    start: int
    end: int
    text: str


def blocks_in(text: str) -> Iterator[Block]:
    """The closed ones; one that is never closed is none."""
    at, fence, start, inner = 0, "", 0, 0
    for line in text.split("\n"):
        bare = line.rstrip("\r")
        if not fence:
            if found := _OPENING.match(bare):
                fence, start, inner = found[1], at, at + len(line) + 1
        elif (found := _CLOSING.match(bare)) and found[1].startswith(fence):
            yield Block(start, at + len(line), text[inner:at])
            fence = ""
        at += len(line) + 1


def without_blocks(text: str) -> str:
    """The text around them."""
    parts, at = [], 0
    for block in blocks_in(text):
        parts.append(text[at : block.start])
        at = block.end
    return " ".join([*parts, text[at:]])
