"""Texts of others in Markdown: none of them can pass for a part of the document."""

from __future__ import annotations

import re
from typing import Final

BACKTICKS: Final = re.compile(r"`{3,}")
SPECIAL: Final = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&])")


def fenced(text: str, language: str = "text") -> str:
    """A code block whose fence is longer than any that the text holds (CommonMark 4.5)."""
    longest = max((len(found) for found in BACKTICKS.findall(text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text}\n{fence}\n"


def inline(text: str) -> str:
    """One line of plain words: nothing in it is Markdown or HTML."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))
