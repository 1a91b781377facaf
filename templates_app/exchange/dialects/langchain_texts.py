"""Texts of LangChain in its three languages, put into one of our two engines when all texts of a call are known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from templates_app.exchange.formats.format import Draft, refused
from templates_app.exchange.mapping.braces import Names, double_braced, f_string_pieces, nunjucks_pieces, written

_SECTIONS: Final = re.compile(r"\{\{[#^/>!]")
# Jinja2 opens something at {{, {% and {#; a brace at the end may stand before a variable's two.
_OPENING: Final = re.compile(r"\{(?=[{%#]|\Z)")
FORMATS: Final = ("f-string", "mustache", "jinja2")


class Piece(NamedTuple):
    """Part of a text: sent as it stands, the name of a variable, or Jinja2 that does more."""

    kind: str
    value: str


Text = list[Piece]


def literal(text: str) -> Text:
    """A text without variables."""
    return [Piece("text", text)]


def variable(name: str) -> Text:
    """A variable alone."""
    return [Piece("name", name)]


def text_of(given: Any, form: Any, names: Names, draft: Draft, place: str) -> Text:
    """The text of a template of this format; raises Problem where it is none."""
    if not isinstance(given, str):
        raise refused(place, "invalid", "Text is expected.")
    if form in (None, "f-string"):
        return _of_pieces(f_string_pieces(given, names, draft))
    if form == "mustache":
        if _SECTIONS.search(given):
            draft.note("Sections, partials and comments of Mustache are not carried over: they stay as text.")
        return _of_pieces(double_braced(given, names))
    if form != "jinja2":
        raise refused(f"{place}_format", "invalid", f"One of {', '.join(FORMATS)} is expected.")
    pieces = nunjucks_pieces(given)
    if pieces is None:
        return [Piece("jinja", given)]
    return _of_pieces((before, names.of(name) if name else "") for before, name in pieces)


def _of_pieces(pieces: Iterable[tuple[str, str]]) -> Text:
    made: Text = []
    before = ""
    for text, name in pieces:
        before += text
        if name:
            made += [*(literal(before) if before else ()), *variable(name)]
            before = ""
    return [*made, *(literal(before) if before else ())]


def filled(text: Text, values: Mapping[str, Any], place: str) -> Text:
    """The text of an example with the example's values; raises Problem where one is missing."""
    made = ""
    for piece in text:
        if piece.kind == "jinja":
            raise refused(
                place, "invalid", "An example whose text does more than put values in cannot be filled in here."
            )
        if piece.kind == "text":
            made += piece.value
        elif piece.value not in values:
            raise refused(place, "required", f"The example has no {piece.value[:60]}.")
        else:
            made += str(values[piece.value])
    return literal(made)


def joined(texts: Iterable[Text], separator: str) -> Text:
    """The texts with something between them; those without anything are left out."""
    made: Text = []
    for text in texts:
        if text and made:
            made += literal(separator)
        made += text
    return made


def engine_of(texts: Iterable[Text]) -> str:
    """What renders them all."""
    return "jinja2" if any(piece.kind == "jinja" for text in texts for piece in text) else "plain"


def rendered(text: Text, engine: str) -> str:
    """The text as that engine has it."""
    if engine == "plain":
        return written((piece.value, "") if piece.kind == "text" else ("", piece.value) for piece in text)
    return "".join(map(_in_jinja2, text))


def _in_jinja2(piece: Piece) -> str:
    if piece.kind == "jinja":
        return piece.value
    return f"{{{{ {piece.value} }}}}" if piece.kind == "name" else _OPENING.sub("{{ '{' }}", piece.value)
