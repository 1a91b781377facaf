"""What changed between two versions: words of the texts, variables, parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, Final, NamedTuple

from templates_app.content import Content

MOST_WORDS: Final = 1_500
"""Of one changed stretch; a longer one is told as a whole, since matching takes quadratic time."""
MOST_LINES: Final = 2_000
_WORDS: Final = re.compile(r"\w+|\s+|[^\w\s]")


class Piece(NamedTuple):
    """A stretch of text that stayed (`equal`), came (`insert`) or went (`delete`)."""

    op: str
    text: str


def words_changed(old: str, new: str) -> list[Piece]:
    """The way from `old` to `new`, by words: first by lines, then within the lines that differ."""
    return list(_joined(_by_line(old.splitlines(keepends=True), new.splitlines(keepends=True))))


def _by_line(old: list[str], new: list[str]) -> Iterator[Piece]:
    if max(len(old), len(new)) > MOST_LINES:
        yield from (Piece("delete", "".join(old)), Piece("insert", "".join(new)))
        return
    for op, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if op == "equal":
            yield Piece("equal", "".join(old[first:last]))
        else:
            yield from _by_word("".join(old[first:last]), "".join(new[start:end]))


def _by_word(old: str, new: str) -> Iterator[Piece]:
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    if max(len(before), len(after)) > MOST_WORDS:
        yield from (Piece("delete", old), Piece("insert", new))
        return
    for op, first, last, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if op == "equal":
            yield Piece("equal", "".join(before[first:last]))
            continue
        yield Piece("delete", "".join(before[first:last]))
        yield Piece("insert", "".join(after[start:end]))


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    last: Piece | None = None
    for piece in pieces:
        if not piece.text:
            continue
        if last and last.op == piece.op:
            last = Piece(last.op, last.text + piece.text)
            continue
        if last:
            yield last
        last = piece
    if last:
        yield last


def changes(old: Content, new: Content) -> dict[str, Any]:
    """`changes` of GET /api/templates/{id}/diff."""
    return {
        "prompt": [piece._asdict() for piece in words_changed(old.prompt, new.prompt)],
        "system_prompt": [piece._asdict() for piece in words_changed(old.system_prompt, new.system_prompt)],
        "variables": _by_name(
            {each.name: each.as_json() for each in old.variables}, {each.name: each.as_json() for each in new.variables}
        ),
        "default_parameters": _by_name(dict(old.default_parameters), dict(new.default_parameters)),
        "engine": None if old.engine == new.engine else {"from": old.engine, "to": new.engine},
    }


def _by_name(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    both: Sequence[str] = [name for name in old if name in new]
    return {
        "added": {name: value for name, value in new.items() if name not in old},
        "removed": {name: value for name, value in old.items() if name not in new},
        "changed": {name: {"from": old[name], "to": new[name]} for name in both if old[name] != new[name]},
    }
