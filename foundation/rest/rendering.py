"""JSON as this API writes it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import orjson
from rest_framework.renderers import BaseRenderer

from foundation.numbers import nearest_float


def _other(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


OPTIONS: Final = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


def dumps(value: Any) -> bytes:
    """JSON bytes: money as a number, times in ISO 8601 with `Z`, ids as text.

    A whole number beyond 64 bits, which orjson does not write, is the nearest float.
    """
    try:
        return orjson.dumps(value, default=_other, option=OPTIONS)
    except TypeError:
        return orjson.dumps(_narrowed(value), default=_other, option=OPTIONS)


def _narrowed(value: Any) -> Any:
    match value:
        case bool():
            return value
        case int() if not -(2**63) <= value < 2**64:
            return nearest_float(value)
        case Mapping():
            return {_narrowed(name): _narrowed(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_narrowed(inner) for inner in value]
    return value


class JSONRenderer(BaseRenderer):
    """REST framework's door to `dumps`."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, media_type: str | None = None, context: Any = None) -> bytes:
        return b"" if data is None else dumps(data)
