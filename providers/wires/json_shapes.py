"""JSON from outside: each value is what the wire promises, or the answer is malformed."""

from __future__ import annotations

from typing import Any

import orjson

from providers.wires.failures import malformed

MOST_TOKENS = 10**12


def load_object(data: bytes) -> dict[str, Any]:
    """A JSON object, or ProviderFailure(MALFORMED_RESPONSE)."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise malformed("Instead of JSON there is", data) from None
    if type(value) is not dict:
        raise malformed("Instead of a JSON object there is", data)
    return value


def as_object(value: Any, name: str) -> dict[str, Any]:
    """The object; an absent one is empty."""
    if value is None:
        return {}
    if type(value) is not dict:
        raise malformed(f"`{name}` is not an object")
    return value


def as_list(value: Any, name: str) -> list[Any]:
    """The list; an absent one is empty."""
    if value is None:
        return []
    if type(value) is not list:
        raise malformed(f"`{name}` is not a list")
    return value


def as_text(value: Any, name: str) -> str:
    """The text; an absent one is empty."""
    if value is None:
        return ""
    if type(value) is not str:
        raise malformed(f"`{name}` is not text")
    return value


def count(value: Any) -> int | None:
    """A number of tokens; None when it makes no sense (negative, text, true, absurd)."""
    return value if type(value) is int and 0 <= value <= MOST_TOKENS else None
