"""What the OpenAPI document says of every door alike: its refusals, the headers of its answers, what its bodies refuse.

It is told once, from what a door is (method, parameters, sign-in, decorators), so that no door can forget it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.views import APIView

from foundation.http.doors import is_for_programs
from foundation.problems import CONTENT_TYPE
from foundation.rest.serializers import StrictSerializer

UNSAFE: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
REFUSALS: Final = {
    400: "What was sent does not hold; `errors` names each field.",
    401: "Nobody is signed in, or the token does not hold.",
    402: "It may cost more than is spent without asking (`confirm_cost`), or than the run may.",
    403: "You may see this, not do it; or a call with a cookie came without its CSRF token.",
    404: "It does not exist, or not for you.",
    406: "The answer has none of the types that `Accept` names.",
    409: "The state of things does not allow it; `code` says which.",
    410: "It was there, and is gone.",
    412: "It has been changed since; `current` is what it is now.",
    413: "The body is too large.",
    415: "The body has a type that is not taken here.",
    422: "The Idempotency-Key came with another body before, or more is asked for than is done at once.",
    429: "Too much at once; `Retry-After` says when to try again.",
    502: "The provider failed; `code` says how.",
    503: "A part of the service, or the provider, is away for a moment.",
    504: "The provider did not answer in time.",
}
IDEMPOTENCY_KEY: Final = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255},
    OpenApiParameter.HEADER,
    description="Two calls with one key within 24 hours are one; another body with it is a 422.",
)
IF_MATCH: Final = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="An ETag: 412 unless it is still the present state's."
)
IF_NONE_MATCH: Final = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="An ETag: 304 while it is the present state's."
)
ETAG: Final = OpenApiParameter(
    "ETag",
    str,
    OpenApiParameter.HEADER,
    required=True,
    response=[200, 201, 304],
    description="This state, for If-Match and If-None-Match.",
)
LOCATION: Final = OpenApiParameter(
    "Location",
    str,
    OpenApiParameter.HEADER,
    required=True,
    response=[201, 202],
    description="Where it is found from now on.",
)
UNDELETE_LINK: Final = OpenApiParameter(
    "Link",
    str,
    OpenApiParameter.HEADER,
    required=True,
    response=[204],
    description='The address that brings it back: rel="undelete".',
)
ATTACHMENT: Final = OpenApiParameter(
    "Content-Disposition",
    str,
    OpenApiParameter.HEADER,
    required=True,
    response=[200],
    description="An attachment, with the file's name.",
)
_REQUEST_ID: Final = {"description": "The call's id, as the log has it.", "schema": {"type": "string"}}
_RETRY_AFTER: Final = {"description": "Seconds to wait.", "schema": {"type": "string", "pattern": "^[0-9]+$"}}
_LEFT: Final = {
    f"RateLimit-{name}": {"description": meaning, "schema": {"type": "string", "pattern": "^[0-9]+$"}}
    for name, meaning in {
        "Limit": "Requests of this kind that you may send in a minute; absent where there is no limit.",
        "Remaining": "How many of them are left.",
        "Reset": "Seconds until all of them are there again.",
    }.items()
}
_CHALLENGE: Final = {"description": "Bearer (RFC 6750).", "required": True, "schema": {"type": "string"}}


class ProblemErrorSerializer(serializers.Serializer[Any]):
    """What is wrong with one field; `field` is a dotted path such as `parameters.temperature`."""

    field = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """application/problem+json (RFC 9457); `code` is stable, and some codes bring more members than these."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(allow_blank=True)
    code = serializers.CharField()
    instance = serializers.CharField()
    errors = ProblemErrorSerializer(many=True)  # type: ignore[assignment]
    execution_id = serializers.UUIDField(required=False, help_text="The execution that failed.")
    current = serializers.DictField(required=False, help_text="With 412, and 409 of templates: what it is now.")
    yours = serializers.DictField(required=False, help_text="With 409 of templates: what was sent.")


def problems(*statuses: int) -> dict[Any, Any]:
    """Responses of an operation that these refusals belong to, beside those that every door has."""
    return {(status, CONTENT_TYPE): ProblemSerializer for status in statuses}


class StandIn(APIView):
    """Describes a view that is none of REST framework's; never routed."""

    problem: type[serializers.Serializer[Any]] = ProblemSerializer
    """How its refusals are told, and their media type."""
    problem_type = CONTENT_TYPE
    refusals: Mapping[int, str] = {}
    """What is said of them otherwise than of all doors'."""


class DoorSchema(AutoSchema):  # type: ignore[misc, unused-ignore]
    """REST framework's views in the document, with what holds for each of them."""

    view: Any

    def get_operation(self, *arguments: Any, **named: Any) -> Any:
        """The operation, with every refusal that it can answer and the headers of every answer."""
        operation = super().get_operation(*arguments, **named)
        if operation is None:
            return None
        operation.setdefault("security", [])
        responses = operation["responses"]
        refusals = self._refusals(operation)
        for status in refusals:
            responses.setdefault(str(status), self._problem())
        for status, response in responses.items():
            self._complete(int(status), response, is_limited=429 in refusals)
        operation["responses"] = dict(sorted(responses.items()))
        return operation

    def get_override_parameters(self) -> Any:
        """Those of `extend_schema`, and the key of a call that is made once."""
        method = getattr(self.view, self.method.lower(), None)
        is_idempotent = getattr(method, "is_idempotent", False)
        return [*super().get_override_parameters(), *([IDEMPOTENCY_KEY] if is_idempotent else [])]

    def _refusals(self, operation: Any) -> set[int]:
        headers = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "header"}
        query = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"}
        is_framework = not isinstance(self.view, StandIn)
        is_unsafe, is_signed_in = self.method in UNSAFE, bool(operation["security"])
        negotiates = issubclass(self.view.content_negotiation_class, DefaultContentNegotiation)
        conditions = {
            400: True,
            401: is_signed_in,
            403: is_signed_in and is_unsafe,
            404: "{" in self.path or "page" in query,
            406: is_framework and negotiates,
            412: "If-Match" in headers,
            413: is_unsafe,
            415: is_framework and "requestBody" in operation,
            422: "Idempotency-Key" in headers,
            429: is_signed_in and is_for_programs(self.path),
            503: is_for_programs(self.path),
        }
        return {status for status, holds in conditions.items() if holds}

    def _problem(self) -> dict[str, Any]:
        component = self.resolve_serializer(getattr(self.view, "problem", ProblemSerializer), "response")
        return {"content": {self._problem_type: {"schema": component.ref}}, "description": ""}

    @property
    def _problem_type(self) -> str:
        return getattr(self.view, "problem_type", CONTENT_TYPE)

    def _complete(self, status: int, response: dict[str, Any], *, is_limited: bool) -> None:
        is_problem = status >= 400 and self._problem_type in response.get("content", {})
        if is_problem:
            response["description"] = (
                response["description"] or {**REFUSALS, **getattr(self.view, "refusals", {})}[status]
            )
        headers = response.setdefault("headers", {})
        # A body that is cut off as it arrives is refused before the call has an id.
        headers["X-Request-Id"] = {**_REQUEST_ID, "required": status != 413}
        if status in (429, 503) and is_problem:
            headers["Retry-After"] = {**_RETRY_AFTER, "required": status == 429}
        if is_limited and status not in (401, 413):
            headers |= _LEFT
        if status == 401:
            headers["WWW-Authenticate"] = _CHALLENGE

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        schema: Any = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if direction == "request" and isinstance(serializer, StrictSerializer):
            schema["additionalProperties"] = False
            if serializer.shorthand is not None:
                return {"anyOf": [serializer.shorthand, schema]}
        return schema


def file_of(media_type: str) -> dict[str, Any]:
    """The schema of a file: JSON and YAML hold an object, other text is text, anything else is bytes."""
    if media_type in ("application/json", "application/yaml"):
        return {"type": "object", "additionalProperties": {}}
    if media_type.startswith("text/") or media_type == "application/jsonl":
        return {"type": "string"}
    return {"contentMediaType": media_type}


def files(*content_types: str) -> dict[Any, Any]:
    """Responses of a door that sends a file of one of these types."""
    types = dict.fromkeys(each.partition(";")[0].strip() for each in content_types)
    return {(200, media_type): file_of(media_type) for media_type in types}
