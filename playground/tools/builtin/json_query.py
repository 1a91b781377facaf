"""A question to a JSON value, in JMESPath (https://jmespath.org/specification.html)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from math import prod
from typing import Any, Final

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import Parser

from foundation.words import number
from playground.tools.tool import Caller, Tool, ToolFailed

LONGEST: Final = 1_000
MOST_STEPS: Final = 200
"""Nodes of an expression's tree."""
MOST_COPIES: Final = 64
"""Times that an expression may put the same value into its result: `[@, @] | [@, @] | …` doubles at every step."""
MOST_FUNCTIONS: Final = 10
DEEPEST: Final = 100


class JsonQuery(Tool):
    """Picks, filters and reshapes; it cannot compute without end, and its result cannot outgrow its data by much."""

    name = "json_query"
    category = "data"
    description = "Picks values out of JSON data by a JMESPath expression, e.g. items[?price > `10`].name"
    parameters: Mapping[str, Any] = {
        "type": "object",
        "properties": {
            "data": {"description": "Any JSON value."},
            "expression": {"type": "string", "minLength": 1, "description": "JMESPath"},
        },
        "required": ["data", "expression"],
        "additionalProperties": False,
    }
    examples = (
        {
            "data": {"items": [{"name": "a", "price": 5}, {"name": "b", "price": 15}]},
            "expression": "items[?price > `10`].name",
        },
    )

    async def run(self, arguments: Mapping[str, Any], caller: Caller) -> Any:
        """`{"result": …}`, null where nothing is there."""
        return {"result": await asyncio.to_thread(asked, arguments["data"], arguments["expression"])}


def asked(data: Any, expression: str) -> Any:
    """What the expression finds in the data; raises ToolFailed."""
    if len(expression) > LONGEST:
        raise ToolFailed(f"An expression has up to {number(LONGEST)} characters.")
    try:
        parsed = Parser().parse(expression)
        _check(parsed.parsed)
        return jmespath.search(expression, data)
    except JMESPathError as error:
        raise ToolFailed(f"The expression does not hold: {str(error).partition(chr(10))[0]}") from None
    except RecursionError:
        raise ToolFailed("The expression is nested too deep.") from None


def _check(tree: Mapping[str, Any]) -> None:
    nodes = list(_nodes(tree))
    copies = prod(
        len(node["children"]) for node in nodes if node["type"].startswith("multi_select") and node["children"]
    )
    functions = sum(node["type"] == "function_expression" for node in nodes)
    if len(nodes) > MOST_STEPS or copies > MOST_COPIES or functions > MOST_FUNCTIONS:
        raise ToolFailed("The expression does too much: ask in smaller steps.")


def _nodes(tree: Any) -> Iterator[Mapping[str, Any]]:
    level, depth = [tree], 0
    while level:
        depth += 1
        if depth > DEEPEST:
            raise ToolFailed("The expression is nested too deep.")
        below = []
        for node in level:
            if isinstance(node, Mapping) and "type" in node:
                yield node
                below += [child for child in node.get("children", ()) if isinstance(child, Mapping)]
        level = below
