"""Handlebars (handlebarsjs.com, "Language Guide") as a tree: texts, places, blocks and partials."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from foundation.words import number
from templates_app.exchange.formats.format import refused

DEEPEST: Final = 30
MOST_TAGS: Final = 5_000
LOOSE: Final = frozenset({"role", "section"})
"""Marks that people also close, as if they were blocks."""
_TAG: Final = re.compile(r"\{\{\{[^{}]{1,2000}\}\}\}|\{\{[^{}]{1,2000}\}\}")
_COMMENT: Final = re.compile(r"\{\{~?!(?P<dashes>--)?")
_WORD: Final = re.compile(r"\"[^\"]*\"|'[^']*'|[()]|=|[^\s()=\"']+")
_LINE_AFTER: Final = re.compile(r"[ \t]*(?:\n|\Z)")


@dataclass(slots=True)
class Node:
    """A piece of the template; `source` is how it stands there, `line` where."""

    source: str
    line: int


@dataclass(slots=True)
class Text(Node):
    """Text that is sent as it stands: its `source`."""


@dataclass(slots=True)
class Place(Node):
    """`{{name}}` or `{{helper a b=c}}` by its words."""

    words: list[str]


@dataclass(slots=True)
class Partial(Node):
    """`{{> name a=b}}` by its words, the name first."""

    words: list[str]


@dataclass(slots=True)
class Block(Node):
    """`{{#helper a}}body{{else}}otherwise{{/helper}}`; an inverse one, `{{^a}}`, has its body in `otherwise`."""

    words: list[str]
    body: list[Node] = field(default_factory=list)
    otherwise: list[Node] = field(default_factory=list)
    is_partial: bool = False


@dataclass(slots=True)
class _Open:
    block: Block
    into: list[Node]
    is_chained: bool = False
    """By `{{else if}}`: it ends with the block that it stands in."""


@dataclass(slots=True)
class _Tag:
    source: str
    line: int
    kind: str
    """`!`, `#`, `^`, `/`, `>`, `else` or nothing."""
    words: list[str]


def parse(text: str, place: str) -> list[Node]:
    """The nodes of a template; raises Problem at `place` for a block that is not closed or never opened."""
    root: list[Node] = []
    opened: list[_Open] = []
    for count, each in enumerate(_pieces(text)):
        into = opened[-1].into if opened else root
        if isinstance(each, Text):
            into.append(each)
        elif count > 2 * MOST_TAGS or len(opened) > DEEPEST:
            raise refused(place, "too_large", f"Up to {number(MOST_TAGS)} tags are read, in {DEEPEST} levels.")
        elif each.kind in ("#", "^", "#>"):
            if not each.words:
                raise refused(place, "malformed_template", f"Line {each.line}: a block without a name.")
            block = Block(each.source, each.line, each.words, is_partial=each.kind == "#>")
            into.append(block)
            opened.append(_Open(block, block.otherwise if each.kind == "^" else block.body))
        elif each.kind == "else" and opened:
            _turn(opened, each)
        elif each.kind == "/":
            _close(opened, each, place)
        elif each.kind == ">":
            into.append(Partial(each.source, each.line, each.words))
        elif each.kind != "!":
            into.append(Place(each.source, each.line, each.words) if each.words else Text(each.source, each.line))
    if opened:
        block = opened[0].block
        raise refused(place, "malformed_template", f"Line {block.line}: {block.source[:60]} is not closed.")
    return root


def _turn(opened: list[_Open], tag: _Tag) -> None:
    """What follows is for the other case; `{{else if x}}` opens a block of its own there."""
    opened[-1].into = opened[-1].block.otherwise
    if tag.words:
        block = Block(tag.source, tag.line, tag.words)
        opened[-1].into.append(block)
        opened.append(_Open(block, block.body, is_chained=True))


def _close(opened: list[_Open], tag: _Tag, place: str) -> None:
    name = tag.words[0] if tag.words else ""
    if name in LOOSE and all(each.block.words[0] != name for each in opened):
        return
    while opened and opened[-1].is_chained:
        opened.pop()
    if not opened or opened[-1].block.words[0] != name:
        raise refused(place, "malformed_template", f"Line {tag.line}: {tag.source[:60]} closes what is not open.")
    opened.pop()


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Where the tags stand. Ends of comments are looked for once, however many begin without one."""
    at, last = 0, {"--": max(text.rfind("--}}"), text.rfind("--~}}")), "": text.rfind("}}")}
    while (at := text.find("{{", at)) >= 0:
        found = _COMMENT.match(text, at)
        dashes = (found["dashes"] or "") if found else ""
        if found and last[dashes] > found.end() - 1:
            ends = [end for end in (text.find(f"{dashes}{tilde}}}}}", found.end()) for tilde in ("", "~")) if end >= 0]
            end = text.index("}}", min(ends)) + 2
        elif tag := _TAG.match(text, at):
            end = tag.end()
        else:
            at += 1
            continue
        yield at, end
        at = end


def _pieces(text: str) -> Iterator[Text | _Tag]:
    """Texts and tags in their order, without the white space that tags take with them."""
    at, line, skips = 0, 1, ""
    for start, end in _spans(text):
        before, source = text[at:start], text[start:end]
        slashes = len(before) - len(before.rstrip("\\"))
        plain = _skipped(before, skips)
        begin = line + before.count("\n")
        line, at, skips = begin + source.count("\n"), end, ""
        if slashes == 1:
            yield Text(plain[:-1] + source, begin)
            continue
        if slashes:
            plain = plain[:-1]
        tag = _tag(source, begin)
        if _is_alone(tag, text, start, end):
            stripped = plain.rstrip(" \t")
            plain = stripped if not stripped or stripped.endswith("\n") else plain
            skips = "line"
        if source.lstrip("{").startswith("~"):
            plain = plain.rstrip()
        if source.rstrip("}").endswith("~"):
            skips = "all"
        if plain:
            yield Text(plain, begin)
        yield tag
    if rest := _skipped(text[at:], skips):
        yield Text(rest, line)


def _skipped(text: str, skips: str) -> str:
    """The text without what the tag before it takes: the rest of its line, or all white space."""
    if skips == "all":
        return text.lstrip()
    if skips == "line" and (found := _LINE_AFTER.match(text)):
        return text[found.end() :]
    return text


def _is_alone(tag: _Tag, text: str, start: int, end: int) -> bool:
    """Whether a tag that writes nothing stands in a line of its own, which then goes with it."""
    if tag.kind in ("", ">"):
        return False
    line_start, line_end = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    return not (text[line_start:start] + text[end : line_end if line_end >= 0 else len(text)]).strip(" \t\r")


def _tag(source: str, line: int) -> _Tag:
    inner = source[3:-3] if source.startswith("{{{") else source[2:-2]
    inner = inner.removeprefix("~").removesuffix("~").strip()
    if inner.startswith("!"):
        return _Tag(source, line, "!", [])
    for kind in ("#>", "#", "^", "/", ">", "&"):
        if inner.startswith(kind) and inner != "^":
            words = _WORD.findall(inner[len(kind) :].removeprefix("*").strip())
            return _Tag(source, line, "" if kind == "&" else kind, words)
    words = _WORD.findall(inner)
    if inner == "^" or words[:1] == ["else"]:
        return _Tag(source, line, "else", words[1:])
    return _Tag(source, line, "", words)
