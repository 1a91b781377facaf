"""The variables that a text of Jinja2 seems to use, told without its parser, which runs in processes of its own.

It is a first list for definitions: whatever it misses is found when the template is read for good.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_PLACE: Final = re.compile(r"\{\{-?(?P<said>[^{}]{1,500})-?\}\}|\{%-?(?P<done>[^%]{1,500})-?%\}")
_TEXT: Final = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_WORD: Final = re.compile(r"(?<![\w.|])(?<!\|\s)[A-Za-z_]\w*(?!\w*\s*=[^=]|\w*\()")
_MADE: Final = re.compile(r"\s*(?:for\s+(?P<each>[\w,\s]{1,200}?)\s+in\s|set\s+(?P<set>\w+)|macro\s+(?P<macro>\w+))")
_WORDS: Final = frozenset(
    {"if", "elif", "else", "endif", "for", "endfor", "in", "is", "not", "and", "or", "set", "endset", "true", "false"}
    | {"none", "True", "False", "None", "loop", "block", "endblock", "macro", "endmacro", "call", "endcall", "filter"}
    | {"endfilter", "with", "endwith", "raw", "endraw", "recursive", "defined", "undefined", "autoescape", "as"}
    | {"endautoescape", "include", "import", "extends", "from", "string", "number", "mapping", "sequence", "iterable"}
)


def jinja_names(texts: Iterable[str]) -> list[str]:
    """Names, each once, in the order of their first use; those that the text makes itself are left out."""
    found: dict[str, None] = {}
    made: set[str] = set()
    for text in texts:
        for place in _PLACE.finditer(text):
            said = _TEXT.sub("''", place["said"] or place["done"])
            if place["done"] and (own := _MADE.match(said)):
                made |= set(re.findall(r"\w+", own["each"] or own["set"] or own["macro"] or ""))
            found |= dict.fromkeys(_WORD.findall(said))
    return [name for name in found if name not in made and name not in _WORDS]
