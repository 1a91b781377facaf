"""JSON that stands in an output: read strictly, fences taken off."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NoReturn

from evaluation_app.scorers.reading.fences import blocks_in
from evaluation_app.scorers.reading.normal_form import half_character, normal
from foundation.words import number

DEEPEST: Final = 64
"""Levels, as of any JSON that is taken."""
LONGEST_NUMBER: Final = 1_000
LARGEST_EXPONENT: Final = 9_999
_FENCE: Final = "```"
_HALF: Final = re.compile(r"\\u[dD][89a-fA-F]")


class NoJson(ValueError):
    """The output is no JSON, or none that means one thing; the text says why."""


def json_in(output: str) -> Any:
    """The value; decimals are Decimal, whole numbers exact. Raises NoJson.

    The whole output, or its only fenced block. Refused are keys that come twice in one object, NaN and Infinity,
    numbers of more than 1,000 digits and more than 64 levels.
    """
    text = output.removeprefix("\ufeff").strip()
    if not text:
        raise NoJson("The output is empty.")
    try:
        return _read(text)
    except _Syntax as error:
        inner = _unfenced(text)
        if inner is None:
            raise NoJson(f"The output is no JSON: {error}.") from None
    try:
        return _read(inner.strip())
    except _Syntax as error:
        raise NoJson(f"The fenced block is no JSON: {error}.") from None


def plain(value: Any) -> Any:
    """The value with floats in the place of decimals; raises NoJson where one has none."""
    match value:
        case Decimal():
            if abs(number := float(value)) == float("inf"):
                raise NoJson("A number is larger than 1.8e308.")
            return number
        case dict():
            return {name: plain(inner) for name, inner in value.items()}
        case list():
            return [plain(inner) for inner in value]
        case _:
            return value


def same(one: Any, other: Any) -> bool:
    """Whether both are the same JSON: keys in any order, 1 and 1.0 alike, true no number, texts in Unicode's NFC."""
    if isinstance(one, dict) and isinstance(other, dict):
        ours, theirs = _named(one), _named(other)
        return ours.keys() == theirs.keys() and all(same(ours[name], theirs[name]) for name in ours)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, bool) or isinstance(other, bool) or one is None or other is None:
        return one is other
    if isinstance(one, str) and isinstance(other, str):
        return normal(one) == normal(other)
    numbers = (int, float, Decimal)
    return isinstance(one, numbers) and isinstance(other, numbers) and _exact(one) == _exact(other)


def _named(value: dict[str, Any]) -> dict[str, Any]:
    return {normal(name): inner for name, inner in value.items()}


def _exact(number: float | Decimal) -> int | Decimal:
    return Decimal(repr(number)) if isinstance(number, float) else number


class _Syntax(ValueError):
    """No JSON by its syntax: a fence may be around it."""


def _read(text: str) -> Any:
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_int=_whole, parse_float=_decimal, parse_constant=_no_number
        )
    except json.JSONDecodeError as error:
        raise _Syntax(f"{error.msg} at character {number(error.pos + 1)}") from None
    except RecursionError:
        raise NoJson(f"Nesting is read up to {DEEPEST} levels.") from None
    _look_at_depth(value)
    if _HALF.search(text) and half_character(json.dumps(value, ensure_ascii=False, default=str)):
        raise NoJson("Half a character (a lone surrogate) stands in a text.")
    return value


def _unfenced(text: str) -> str | None:
    """What stands in the only fenced block; None where there is none, or several."""
    if blocks := list(blocks_in(text)):
        return blocks[0].text if len(blocks) == 1 else None
    if len(text) < 2 * len(_FENCE) or not text.startswith(_FENCE) or not text.endswith(_FENCE):
        return None
    inner = text.strip("`")
    return None if _FENCE in inner else inner[4:] if inner[:4].lower() == "json" else inner


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise NoJson(f"The key {name[:80]!r} comes twice in one object.")
        found[name] = value
    return found


def _whole(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise NoJson(f"A number has more than {number(LONGEST_NUMBER)} digits.")
    return int(digits)


def _decimal(digits: str) -> Decimal:
    if len(digits) > LONGEST_NUMBER:
        raise NoJson(f"A number has more than {number(LONGEST_NUMBER)} digits.")
    try:
        value = Decimal(digits)
    except InvalidOperation:
        raise NoJson("A number is too large to be read.") from None
    if value and abs(value.adjusted()) > LARGEST_EXPONENT:
        raise NoJson("A number is too large to be read.")
    return value


def _no_number(name: str) -> NoReturn:
    raise NoJson(f"{name} is no number of JSON.")


def _look_at_depth(value: Any) -> None:
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return
    raise NoJson(f"Nesting is read up to {DEEPEST} levels.")
