"""JSON from outside: each value is what the wire promises, or the answer is malformed."""

from __future__ import annotations

import json
import math
from typing import Any

import orjson

from providers.wires.failures import malformed
from providers.wires.surrogates import joined

MOST_TOKENS = 10**12


def load_json(data: bytes | str) -> Any:
    """JSON as real servers write it; ValueError where it is none.

    Beyond the standard: halves of surrogate pairs, NaN and the infinities (as log probabilities), control characters
    in strings, and bytes that are no UTF-8, which become U+FFFD.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        text = data if isinstance(data, str) else data.decode("utf-8", "replace")
        try:
            return json.loads(text, strict=False)
        except RecursionError:
            raise ValueError("nested too deeply") from None


def load_clean(text: str) -> Any:
    """JSON text as a value that JSON can hold again: halves of characters are replaced, NaN is None."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return _clean(load_json(text))


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return joined(value)
    if isinstance(value, dict):
        return {joined(name): _clean(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_clean(each) for each in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return float(value) if isinstance(value, int) and value.bit_length() > 63 else value


def load_object(data: bytes) -> dict[str, Any]:
    """A JSON object, the first of a list of them too (Gemini's way), or ProviderFailure(MALFORMED_RESPONSE)."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        try:
            value = load_json(data)
        except ValueError:
            raise malformed("Instead of JSON there is", data) from None
    if type(value) is list and value and type(value[0]) is dict:
        value = value[0]
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


def as_id(value: Any) -> str:
    """A name that may be a number as well; empty when it is neither."""
    if type(value) is str:
        return value
    return str(value) if type(value) is int else ""


def as_json_text(value: Any) -> str:
    """JSON text: as it came where it is text already, empty where there is nothing."""
    if value is None:
        return ""
    if type(value) is str:
        return value
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # Halves of surrogate pairs, or numbers beyond 64 bits.
        return json.dumps(value, ensure_ascii=False)


def count(value: Any) -> int | None:
    """A number of tokens; None when it makes no sense (negative, text, true, a part of one, absurd)."""
    if type(value) is float and value.is_integer():
        value = int(value)
    return value if type(value) is int and 0 <= value <= MOST_TOKENS else None


def first_count(*places: tuple[Any, str]) -> int | None:
    """The first of the (object, name) that holds a count."""
    for holder, name in places:
        if isinstance(holder, dict) and (found := count(holder.get(name))) is not None:
            return found
    return None
