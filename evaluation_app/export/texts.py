"""Texts of models and people as a report shows them."""

from __future__ import annotations

import re
from typing import Final

NOT_SHOWN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
"""Characters that XML 1.0 does not hold (2.2) or advises against, halves of characters, and those that turn the
direction of what stands around them."""
CUT: Final = " […]"


def readable(text: str) -> str:
    """The text without characters that break a document or show it as something else."""
    return NOT_SHOWN.sub("", text)


def cut(text: str, most: int) -> str:
    """The text in at most so many characters, with a mark where it was longer."""
    plain = readable(text)
    return plain if len(plain) <= most else plain[: most - len(CUT)] + CUT
