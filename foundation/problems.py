"""Errors over the API: `application/problem+json` (RFC 9457) with a stable `code` and an error a field."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping
from functools import wraps
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson
import psycopg
from django import db as database
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import BadHeaderError, HttpResponseBase
from redis.exceptions import RedisError
from rest_framework import exceptions
from rest_framework.response import Response

from foundation.context import media_type
from foundation.rest.sentences import plain
from foundation.sealing.encryption import CannotDecrypt, Lost, StoreAway

CONTENT_TYPE = "application/problem+json"


class FieldError(NamedTuple):
    """What is wrong with one field; `field` is a dotted path such as `parameters.temperature`."""

    field: str
    code: str
    message: str


class Problem(Exception):
    """An answer other than success: raised anywhere below a door, answered by it."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str = "",
        *,
        errors: Iterable[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail or code)
        self.status = status
        self.code = code
        self.title = HTTPStatus(status).phrase
        self.detail = detail
        self.errors = [error._asdict() for error in errors]
        # RFC 9110, section 11.6.1: whoever is refused for who they are is told how to say it.
        challenge = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
        self.headers = {**challenge, **(headers or {})}
        self.extra = extra

    def body(self, instance: str) -> dict[str, Any]:
        """The problem as JSON; `instance` is the path asked for."""
        return {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "instance": instance,
            "errors": self.errors,
            **self.extra,
        }

    def response(self, instance: str) -> HttpResponse:
        """The problem as an answer outside REST framework."""
        kind, body = self.written(instance)
        return HttpResponse(body, content_type=kind, status=self.status, headers=self.headers)

    def written(self, instance: str, *, asked_in: str | None = None) -> tuple[str, bytes]:
        """Content type and body, in the shape that callers of this path read. `asked_in`: the request's content type,
        for who stands before the middleware that notes it.
        """
        for prefix, (shape, encodings) in _SHAPES.items():
            if instance.startswith(prefix):
                kind = media_type.get() if asked_in is None else bare(asked_in)
                if encode := encodings.get(kind):
                    return kind, encode(self)
                return "application/json", orjson.dumps(shape(self))
        return CONTENT_TYPE, orjson.dumps(self.body(instance))


Shape = Callable[[Problem], dict[str, Any]]
Encoding = Callable[[Problem], bytes]
_SHAPES: dict[str, tuple[Shape, Mapping[str, Encoding]]] = {}


def tell_below(prefix: str, shape: Shape, encodings: Mapping[str, Encoding] = MappingProxyType({})) -> None:
    """Has problems below this path told in another vendor's shape; the first prefix that fits decides. `encodings`, by
    content type: for requests that came so, in the place of JSON.
    """
    _SHAPES[prefix] = (shape, encodings)


def bare(content_type: str) -> str:
    """The media type without its parameters, in small letters."""
    return content_type.partition(";")[0].strip().lower()


def invalid(errors: Iterable[FieldError]) -> Problem:
    """400: what was sent does not hold, field by field."""
    listed = list(errors)
    names = ", ".join(dict.fromkeys(error.field for error in listed if error.field))
    return Problem(400, "invalid", f"Not valid: {names}." if names else listed[0].message, errors=listed)


def not_found(what: str = "What was asked for") -> Problem:
    """404: missing, or somebody else's; the answer is the same."""
    return Problem(404, "not_found", f"{what} does not exist.")


def unavailable(detail: str) -> Problem:
    """503: later it may work."""
    return Problem(503, "unavailable", detail, headers={"Retry-After": "5"})


def field_errors(detail: Any, path: str = "") -> list[FieldError]:
    """REST framework's nested error detail as a flat list with dotted paths, in sentences for a person."""
    if isinstance(detail, Mapping):
        found = []
        for name, inner in detail.items():
            below = path if name == "non_field_errors" else f"{path}.{name}" if path else str(name)
            found += field_errors(inner, below)
        return found
    if isinstance(detail, list):
        found = []
        for position, inner in enumerate(detail):
            nested = isinstance(inner, (Mapping, list))
            found += field_errors(inner, f"{path}.{position}" if nested and path else path)
        return found
    return [FieldError(path, getattr(detail, "code", "invalid"), plain(str(detail), path))]


def as_problem(error: Exception) -> Problem | None:
    """The problem that a known exception means; None for one that nobody expected."""
    match error:
        case Problem():
            return error
        case exceptions.ValidationError():
            return invalid(field_errors(error.detail))
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return Problem(401, "not_authenticated", str(error.detail))
        case exceptions.Throttled():
            return Problem(
                429,
                "throttled",
                str(error.detail),
                headers={"Retry-After": str(int(getattr(error, "wait", None) or 1))},
            )
        case exceptions.APIException():
            return Problem(error.status_code, str(error.get_codes()), str(error.detail))
        case RequestDataTooBig():
            return Problem(413, "too_large", "The body is too large.")
        case database.OperationalError() | psycopg.OperationalError() | RedisError():
            return unavailable("A part of the service is away for a moment.")
        case StoreAway():
            return unavailable(str(error))
        case Lost():
            return Problem(410, "lost", str(error))
        case CannotDecrypt():
            return Problem(500, "unreadable", "It cannot be opened: its key is not here, or it was changed.")
        case Http404():
            return not_found()
        case BadHeaderError():
            return Problem(400, "bad_request", "What was sent would have to stand in a header, and has line ends.")
        case PermissionDenied():
            return Problem(403, "forbidden", "You may not do this.")
    return None


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """REST framework's hook: every known exception becomes a problem."""
    problem = as_problem(error)
    if problem is None:
        return None
    body = problem.body(context["request"].path)
    return Response(body, status=problem.status, headers=problem.headers, content_type=CONTENT_TYPE)


AsyncView = Callable[..., Coroutine[Any, Any, HttpResponseBase]]


def answers_problems(view: AsyncView) -> AsyncView:
    """For async views outside REST framework: the same exceptions become the same problems."""

    @wraps(view)
    async def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return await view(request, *args, **kwargs)
        except Exception as error:
            problem = as_problem(error)
            if problem is None:
                raise
            return problem.response(request.path)

    return wrapped


def only(*methods: str) -> Callable[[AsyncView], AsyncView]:
    """For async views outside REST framework: any other method is a 405 that names these."""

    def decorated(view: AsyncView) -> AsyncView:
        @wraps(view)
        async def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method in methods:
                return await view(request, *args, **kwargs)
            headers = {"Allow": ", ".join(methods)}
            detail = f"This address takes {headers['Allow']} only."
            return Problem(405, "method_not_allowed", detail, headers=headers).response(request.path)

        return wrapped

    return decorated
