"""Query parameters by the same rules as bodies: unknown names and odd values are a 400 that names them."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from foundation.rest.serializers import StrictSerializer, checked_json


def query_of(request: Request, rules: type[StrictSerializer]) -> dict[str, Any]:
    """The checked parameters; of one given twice the last counts."""
    given = rules(data=request.query_params.dict())
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def body_of(request: Request, rules: type[StrictSerializer]) -> dict[str, Any]:
    """The checked body, which is JSON."""
    return dict(checked_json(rules(), request.data))
