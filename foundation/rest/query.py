"""Query parameters by the same rules as bodies: unknown names and odd values are a 400 that names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework.request import Request

from foundation.problems import FieldError, invalid
from foundation.rest.serializers import StrictSerializer, checked_json


def query_of(request: Request, rules: type[StrictSerializer]) -> dict[str, Any]:
    """The checked parameters; of one given twice the last counts."""
    given = rules(data=request.query_params.dict())
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def body_of(request: Request, rules: type[StrictSerializer]) -> dict[str, Any]:
    """The checked body, which is a JSON object."""
    if not isinstance(request.data, Mapping):
        raise invalid([FieldError("", "type", f"A JSON object is expected, not {_word_for(request.data)}.")])
    return dict(checked_json(rules(), request.data))


def _word_for(value: Any) -> str:
    if isinstance(value, bool | None):
        return str(orjson.dumps(value), "ascii")
    return "a text" if isinstance(value, str) else "a list" if isinstance(value, list) else "a number"
