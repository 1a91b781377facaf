"""Words of a text in any script."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

SIGNS: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
"""A class of characters, for patterns: those of Chinese and Japanese, which write no spaces between words."""
_WORD: Final = re.compile(rf"[{SIGNS}]|[^\s{SIGNS}]+")
_STRANGE: Final = re.compile(r"[^\s\w]|_")


def words_in(text: str) -> list[str]:
    """Runs of letters, marks and digits; of Chinese and Japanese, each character."""
    return _WORD.findall(_STRANGE.sub(_or_a_mark, text))


def _or_a_mark(found: re.Match[str]) -> str:
    return found[0] if unicodedata.category(found[0])[0] == "M" else " "
