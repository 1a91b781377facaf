"""The variables that the texts of a call use; those of Jinja2 are told without its parser, which runs elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from templates_app.rendering.placeholders import names_in

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


def used_in(content: Mapping[str, Any], engine: str = "plain") -> list[str]:
    """The names that the texts of a content use, as an entry has it."""
    texts = [content.get("system_prompt", ""), content.get("prompt", "")]
    for turn in content.get("messages", ()):
        said = turn.get("content", "")
        texts += [said] if isinstance(said, str) else [part.get("text", "") for part in said]
    return names_in(*texts) if engine == "plain" else jinja_names(texts)
