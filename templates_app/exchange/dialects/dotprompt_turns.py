"""dotprompt's marks of who speaks (`{{role "system"}}`, `{{history}}`) as messages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from templates_app.exchange.dialects.handlebars import Block, Node, Place, Text
from templates_app.exchange.dialects.handlebars_text import Writer
from templates_app.exchange.formats.format import Draft
from templates_app.exchange.mapping.braces import Names

HISTORY: Final = "history"
Turn = dict[str, Any]
_Said = tuple[str, list[Node]]
"""A role and what it says; no role where the messages said before stand."""


def turns_of_nodes(
    nodes: Sequence[Node], writer: Writer, names: Names, draft: Draft
) -> tuple[list[Turn], str, list[str]]:
    """The messages, the engine that their texts need, and the variables of their placeholders."""
    said = [(role, inner) for role, inner in _said(nodes, draft) if not role or not _is_blank(inner)]
    is_plain = all(writer.is_plain(inner) for _, inner in said)
    slot = ""
    turns: list[Turn] = []
    for role, inner in said:
        if role:
            text = writer.plain(inner) if is_plain else writer.jinja(inner)
            turns.append({"role": role, "content": text.strip("\n").rstrip()})
        else:
            slot = slot or names.of(HISTORY)
            turns.append({"placeholder": slot})
    return turns, "plain" if is_plain else "jinja2", [slot] if slot else []


def _said(nodes: Sequence[Node], draft: Draft) -> Iterator[_Said]:
    role, kept = "user", list[Node]()
    for node in nodes:
        word = node.words[0] if isinstance(node, Place | Block) and node.words else ""
        if isinstance(node, Place) and word == "role":
            yield role, kept
            role, kept = _role(node), []
        elif isinstance(node, Block) and word == "role":
            yield role, kept
            yield _role(node), node.body
            kept = []
        elif _is_history(node):
            yield role, kept
            yield "", []
            kept = []
        elif isinstance(node, Place) and word == "section":
            draft.note(f"Line {node.line}: the mark {node.source[:60]} is left out.")
        else:
            kept.append(node)
    yield role, kept


def _role(node: Place | Block) -> str:
    """The role by its name; turns of others than ours are told when they become messages."""
    return node.words[1].strip("\"'") if len(node.words) > 1 else "user"


def _is_history(node: Node) -> bool:
    """`{{history}}`, also where it stands alone within `{{#if history}}`."""
    if isinstance(node, Place):
        return node.words == [HISTORY]
    if isinstance(node, Block) and node.words == ["if", HISTORY] and not node.otherwise:
        inner = [each for each in node.body if not _is_blank([each])]
        return len(inner) == 1 and _is_history(inner[0])
    return False


def _is_blank(nodes: Sequence[Node]) -> bool:
    return all(isinstance(node, Text) and not node.source.strip() for node in nodes)
