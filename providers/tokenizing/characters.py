"""Tokens of a text by its characters, where no tokenizer is at hand.

OpenAI, "What are tokens and how to count them?": four characters of English prose. Letters of other scripts take two or
three a token; Chinese, Japanese and Korean ones about a token each.
"""

from __future__ import annotations

import re
from typing import Final

A_TOKEN: Final = 4
"""ASCII characters."""
OTHERS_A_TOKEN: Final = 2
"""Letters outside ASCII."""
_CHARACTER_WORDS: Final = re.compile("[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]+")


def estimated(text: str) -> int:
    """A rough count, rounded up; an end of it that is no whole token counts as one."""
    ascii_ones = len(text.encode("ascii", "ignore"))
    whole = sum(map(len, _CHARACTER_WORDS.findall(text)))
    others = len(text) - ascii_ones - whole
    return -(-ascii_ones // A_TOKEN) + -(-others // OTHERS_A_TOKEN) + whole
