"""Texts, names and values as promptfoo takes them for what they are.

It renders prompts by Nunjucks, and does more with values that are texts: it loads `file://…` and `package:…`, fills in
`{{…}}` of other values and of the environment, and drops a line break at the end (promptfoo's `renderPrompt`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from templates_app.rendering.placeholders import placeholders

# Nunjucks opens something at {{, {% and {#, and stops at a #} that nothing has opened; a brace at the end may stand
# before a variable's two.
_SIGN: Final = re.compile(r"\{(?=[{%#]|\Z)|#(?=\}|\Z)")
_ODD_VALUE: Final = re.compile(r"(?:file://|package:)|.*(?:\{[{%#]|\n\Z)", re.DOTALL)
_CUT: Final = re.compile(r"(?<=\{)(?=[{%#])|(?<=\Afile:)|(?<=\Apackage)")
_NOT_NAMES: Final = frozenset(
    {"true", "false", "none", "null", "not", "and", "or", "in", "is", "if", "else", "_conversation", "__proto__"}
)
"""Nunjucks' own words, and what promptfoo or JavaScript has under these names."""


def literal(text: str) -> str:
    """A text for Nunjucks: nothing in it opens anything."""
    return _SIGN.sub(lambda sign: f'{{{{ "{sign[0]}" }}}}', text)


def literals(value: Any) -> Any:
    """The same of every text in a JSON value."""
    match value:
        case str():
            return literal(value)
        case list() | tuple():
            return [literals(each) for each in value]
        case dict():
            return {name: literals(held) for name, held in value.items()}
    return value


def holds_signs(value: Any) -> bool:
    """Whether a text anywhere in a JSON value would be more than a text there."""
    return value is not None and literals(value) != value


def has_references(value: Any) -> bool:
    """Whether a JSON Schema in it refers to a part of itself."""
    match value:
        case list() | tuple():
            return any(map(has_references, value))
        case dict():
            return "$ref" in value or any(map(has_references, value.values()))
    return False


def is_odd(value: Any) -> bool:
    """Whether promptfoo would make something else of this value."""
    return isinstance(value, str) and _ODD_VALUE.match(value) is not None


def kept(value: Any) -> Any:
    """An odd text in pieces, each of which it leaves alone."""
    return {"pieces": _CUT.split(value)} if is_odd(value) else value


def joined(name: str) -> str:
    """Nunjucks' expression for a value that `kept` may have cut."""
    return f"{name}.pieces | join if {name}.pieces else {name}"


def renamed(names: Iterable[str]) -> dict[str, str]:
    """The name there for each variable: its own, where that is free."""
    used, found = set(names), {}
    for name in sorted(used):
        word = name
        while word in _NOT_NAMES or (word != name and word in used):
            word = f"{word.strip('_')}_value" if word in _NOT_NAMES else f"{word}_"
        used.add(word)
        found[name] = word
    return found


def plain_text(text: str, names: Mapping[str, str], odd: frozenset[str]) -> str:
    """A plain template for Nunjucks: the same places, and braces that mean nothing to us mean nothing there."""
    parts, at = [], 0
    for place in placeholders(text):
        # An escape's braces are braces of the text: what means nothing to us means nothing there.
        parts.append(literal(text[at : place.start]))
        parts.append(_place(place.name, names, odd) if place.name else literal(place.literal))
        at = place.end
    return "".join([*parts, literal(text[at:])])


def _place(name: str, names: Mapping[str, str], odd: frozenset[str]) -> str:
    word = names.get(name, name)
    return f"{{{{ {joined(word) if name in odd else word} }}}}"


def jinja_text(text: str, odd: Iterable[str]) -> str:
    """A Jinja2 template, before which the values that were cut are joined again."""
    return "".join(f"{{% set {name} = {joined(name)} %}}" for name in sorted(odd)) + text
