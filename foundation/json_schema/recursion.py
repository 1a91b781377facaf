"""Whether a JSON Schema refers to itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote

_DATA: Final = frozenset({"const", "enum", "default", "examples"})
"""Keywords whose values are no schemas."""
_DEFINITIONS: Final = frozenset({"$defs", "definitions"})
"""Looked at where they are referred to."""
_BY_NAME: Final = frozenset({"properties", "patternProperties", "dependentSchemas"})
"""Keywords whose members are schemas, whatever they are called."""
DEEPEST: Final = 200
"""Schemas within schemas; what goes deeper is as good as endless."""


def is_recursive(schema: Mapping[str, Any]) -> bool:
    """Whether a value that fits may go on without an end: a reference that leads back to where it stands.

    A reference whose aim is not found counts too: it means something that we do not know.
    """
    anchors = {name: node for node in _nodes(schema) for name in _anchors(node)}
    return _leads_back(schema, schema, anchors, set(), set())


def _leads_back(node: Any, root: Any, anchors: Mapping[str, Any], open_ones: set[int], done: set[int]) -> bool:
    if id(node) in done or not isinstance(node, (dict, list)):
        return False
    if id(node) in open_ones or len(open_ones) > DEEPEST:
        return True
    open_ones.add(id(node))
    for below in _below(node):
        if _leads_back(below, root, anchors, open_ones, done):
            return True
    for reference in _references(node):
        aim = _aim(reference, root, anchors)
        if aim is None or _leads_back(aim, root, anchors, open_ones, done):
            return True
    open_ones.discard(id(node))
    done.add(id(node))
    return False


def _below(node: Any) -> Iterator[Any]:
    if isinstance(node, list):
        yield from node
        return
    for name, value in node.items():
        if name in _BY_NAME and isinstance(value, dict):
            yield from value.values()
        elif name not in _DATA and name not in _DEFINITIONS:
            yield value


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def _anchors(node: Mapping[str, Any]) -> Iterator[str]:
    for name in ("$anchor", "$dynamicAnchor"):
        if isinstance(node.get(name), str):
            yield node[name]


def _references(node: Any) -> Iterator[str]:
    for name in ("$ref", "$dynamicRef", "$recursiveRef") if isinstance(node, dict) else ():
        if isinstance(node.get(name), str):
            yield node[name]


def _aim(reference: str, root: Any, anchors: Mapping[str, Any]) -> Any:
    """What the reference means within the schema; None where it is not found."""
    place = unquote(reference.removeprefix("#"))
    if not reference.startswith("#"):
        return None
    if place and not place.startswith("/"):
        return anchors.get(place)
    found = root
    for step in place.split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict) and step in found:
            found = found[step]
        elif isinstance(found, list) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
        else:
            return None
    return found
