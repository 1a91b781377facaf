r"""Places of variables as others write them, put into our plain engine's words.

There `{{name}}` is a variable and `\{{` two braces of the text (`rendering.placeholders`). Whatever a text of another
system holds beside its variables has to be sent as it stands, also where it would mean something to us.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from string import Formatter
from typing import Final

from templates_app.exchange.formats.format import Draft
from templates_app.partials.references import places as partial_places
from templates_app.rendering.placeholders import LONGEST_NAME, NAME, placeholders

Piece = tuple[str, str]
"""Text that is sent as it stands, and the name of the variable behind it, empty where none is."""
_NAME: Final = re.compile(NAME)
_OPENING: Final = re.compile(r"(?P<before>(?<!\\)\\+)\{\{|\{(?=\{)")
_BACKSLASHES: Final = re.compile(r"(?<!\\)\\+\Z")
_PAIRS: Final = any(place.name for place in placeholders(r"\\{{x}}"))
r"""Whether `\\` before a place is one backslash of the text."""
# Linear: what is between is bounded, and holds no brace.
_DOUBLE: Final = re.compile(r"\{\{\{?[ \t]{0,20}&?[ \t]{0,20}(?P<name>[^{}\r\n]{1,200}?)[ \t]{0,20}\}\}\}?")
_WORDS: Final = re.compile(r"[^\W\d][\w .\-]*")
_NUNJUCKS: Final = re.compile(
    r"\{%-?\s{0,20}raw\s{0,20}-?%\}(?P<raw>.*?)\{%-?\s{0,20}endraw\s{0,20}-?%\}"
    r"|\{\{-?\s{0,20}(?:(?P<name>" + NAME + r")|(?P<text>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'))\s{0,20}-?\}\}"
    r"|(?P<logic>\{\{|\{%|\{#)",
    re.DOTALL,
)


_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_CONTROLS: Final = {"n": "\n", "r": "\r", "t": "\t"}


class Names:
    """The variables of one template: each name of the other system has one of ours, which its draft tells of."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._ours: dict[str, str] = {}

    def of(self, name: str) -> str:
        """Our name: the same where it may be one."""
        if name not in self._ours:
            base = name if len(name) <= LONGEST_NAME and _NAME.fullmatch(name) else _as_name(name)
            ours, number = base, 1
            while ours in self._ours.values():
                number += 1
                ours = f"{base[: LONGEST_NAME - 4]}_{number}"
            self._ours[name] = ours
            if ours != name:
                self._draft.note(f"The variable {name[:100]!r} is called {ours} here.")
        return self._ours[name]

    def __contains__(self, name: object) -> bool:
        return name in self._ours

    def unused(self, name: str) -> str:
        """A name that no variable has so far, this one if it is free."""
        return next(each for each in (name, f"user_{name}", f"the_{name}", "a_turn") if each not in self.ours)

    @property
    def ours(self) -> list[str]:
        """Our names, in the order of their first use."""
        return list(self._ours.values())


def _as_name(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    word = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_")[:LONGEST_NAME]
    return f"_{word}"[:LONGEST_NAME] if word[:1].isdigit() else word or "variable"


def literal(text: str) -> str:
    """The plain template that is sent as this text, whatever braces it holds."""
    starts = {place.start for place in placeholders(text) if place.name}
    starts |= {place.start for place in partial_places(text) if place.reference}

    def escaped(found: re.Match[str]) -> str:
        if before := found["before"]:
            return f"{before * 2 if _PAIRS else before}\\{{{{"
        return r"\{" if found.start() in starts else "{"

    return _OPENING.sub(escaped, text)


def written(pieces: Iterable[Piece]) -> str:
    """The plain template of these pieces."""
    made, text = [], ""
    for before, name in pieces:
        text += before
        if name:
            made += [_before_a_place(literal(text)), f"{{{{{name}}}}}"]
            text = ""
    return "".join([*made, literal(text)])


def _before_a_place(text: str) -> str:
    return _BACKSLASHES.sub(lambda found: found[0] * 2, text) if _PAIRS else text


def from_double_braces(text: str, names: Names) -> str:
    """`{{name}}`, also with blanks, dots or hyphens in the name, and `{{{name}}}`; nothing else means anything."""
    return written(double_braced(text, names))


def double_braced(text: str, names: Names) -> Iterator[Piece]:
    """The pieces of such a text."""
    at = 0
    for found in _DOUBLE.finditer(text):
        if _WORDS.fullmatch(found["name"]):
            yield text[at : found.start()], names.of(found["name"])
            at = found.end()
    yield text[at:], ""


def from_f_string(text: str, names: Names, draft: Draft) -> str:
    """Python's `{name}`, with `{{` and `}}` for the braces themselves. A text that is none stays as it is, noted."""
    return written(f_string_pieces(text, names, draft))


def f_string_pieces(text: str, names: Names, draft: Draft) -> list[Piece]:
    """The pieces of such a text."""
    try:
        return list(_f_string(text, names, draft))
    except ValueError as error:
        draft.note(f"A text is no f-string ({error}): it is taken as it stands, without variables.")
        return [(text, "")]


def _f_string(text: str, names: Names, draft: Draft) -> Iterator[Piece]:
    for before, field, form, conversion in list(Formatter().parse(text)):
        if field is None:
            yield before, ""
            continue
        if form or conversion:
            draft.note(f"{{{field}}} is written with a format of its own, which is left out.")
        yield before, names.of(field or "input")


def nunjucks_pieces(text: str) -> list[Piece] | None:
    """A text of Nunjucks or Jinja2 that only puts values into places; None where it does more than that.

    A string between double braces and `{% raw %}` are text: it is how a template there writes braces.
    """
    pieces: list[Piece] = []
    at = 0
    for found in _NUNJUCKS.finditer(text):
        if found["logic"] or _strips(found[0]):
            return None
        before = text[at : found.start()]
        if found["name"]:
            pieces.append((before, found["name"]))
        else:
            pieces.append((before + (found["raw"] if found["text"] is None else _unquoted(found["text"])), ""))
        at = found.end()
    return [*pieces, (text[at:], "")]


def _strips(place: str) -> bool:
    """Whether it takes the white space beside it."""
    return place[2] == "-" or place[-3] == "-"


def _unquoted(text: str) -> str:
    return _ESCAPED.sub(lambda found: _CONTROLS.get(found[1], found[1]), text[1:-1])


def from_nunjucks(texts: Iterable[str]) -> tuple[list[str], str]:
    """The texts of one call with the engine that they need: plain where none of them does more than put values in."""
    given = list(texts)
    found = [nunjucks_pieces(text) for text in given]
    if any(pieces is None for pieces in found):
        return given, "jinja2"
    return [written(pieces or ()) for pieces in found], "plain"
