"""What is sent to the service and what it answers, whoever carries it there."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar
from uuid import uuid4

from llm_playground_client.errors import (
    FieldProblem,
    ProblemError,
    TemplateNotFound,
    TimedOut,
    UnexpectedAnswer,
    Unreachable,
)

Result = TypeVar("Result")
AWAY: Final = frozenset({502, 503, 504})
LONGEST_PAUSE: Final = 10.0
FIRST_PAUSE: Final = 0.25


@dataclass(frozen=True, slots=True)
class Request:
    """One call; `seconds` is how long its answer may take, None for the client's own."""

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    seconds: float | None = None

    @property
    def is_repeatable(self) -> bool:
        """Whether it may be sent twice: it changes nothing, or the service knows it again."""
        return self.method in ("GET", "PUT", "DELETE") or "Idempotency-Key" in self.headers


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Its JSON; raises UnexpectedAnswer."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise UnexpectedAnswer(f"What answered ({self.status}) sent no JSON: is this a playground?") from None

    def json_object(self, *needed: str) -> dict[str, Any]:
        """Its JSON object, which has these names; raises UnexpectedAnswer."""
        value = self.json()
        if not isinstance(value, dict) or not value.keys() >= set(needed):
            raise UnexpectedAnswer(f"What answered ({self.status}) sent other JSON: is this a playground?")
        return value

    def json_page(self, *needed: str) -> tuple[list[dict[str, Any]], bool]:
        """The rows of a list, which have these names, and whether more follow; raises UnexpectedAnswer."""
        value = self.json_object("results", "next")
        rows = value["results"]
        if not isinstance(rows, list) or not all(
            isinstance(each, dict) and each.keys() >= set(needed) for each in rows
        ):
            raise UnexpectedAnswer("What answered sent a list of something else: is this a playground?")
        return rows, bool(value["next"])


Flow = Generator[Request, Answer, Result]
"""Calls one after the other that come to a result: written once, carried out by either client."""


def posted(
    path: str, body: Any, *, key: str | None = None, seconds: float | None = None, query: Mapping[str, Any] = {}
) -> Request:
    """A POST that is made once however often it is sent."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": key or str(uuid4())}
    return Request("POST", path, query, headers, as_bytes(body), seconds)


def as_bytes(body: Any) -> bytes:
    """A body as JSON, bytes as they are; raises TypeError or ValueError for what JSON cannot say."""
    if isinstance(body, bytes):
        return body
    return json.dumps(body, ensure_ascii=False, allow_nan=False).encode("utf-8", "surrogatepass")


def accepted(answer: Answer) -> Answer:
    """The answer when it is a success or a 304; else the error that it tells."""
    if answer.status < 300 or answer.status == 304:
        return answer
    raise refusal(answer)


def refusal(answer: Answer) -> Exception:
    """The error that an answer tells."""
    if 300 <= answer.status < 400:
        where = answer.headers.get("location", "another address")
        return UnexpectedAnswer(f"The service leads to {where}: set PLAYGROUND_URL to where it is; nothing was sent.")
    try:
        body = json.loads(answer.body)
    except ValueError:
        body = None
    if not isinstance(body, dict) or not isinstance(body.get("code"), str):
        if answer.status >= 500:
            return Unreachable(f"The service is away ({answer.status}).")
        return UnexpectedAnswer(f"What answered ({answer.status}) is no playground.")
    detail = str(body.get("detail") or body.get("title") or "")
    if answer.status >= 500 and "execution_id" not in body:
        return Unreachable(f"The service is away ({answer.status}): {detail}")
    if answer.status == 404 and "execution_id" not in body:
        return TemplateNotFound(detail, body["code"])
    return ProblemError(answer.status, body["code"], detail, _errors(body), body)


def _errors(body: Mapping[str, Any]) -> list[FieldProblem]:
    listed = body.get("errors")
    told = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    return [FieldProblem(*(str(each.get(name, "")) for name in FieldProblem._fields)) for each in told]


def pause_before_next(request: Request, answer: Answer | Unreachable, tried: int, most: int) -> float | None:
    """Seconds until the call is worth another try, None when it is not."""
    if tried >= most or not request.is_repeatable or isinstance(answer, TimedOut):
        return None
    own = FIRST_PAUSE * 2.0**tried
    if isinstance(answer, Unreachable):
        return own
    # A run that failed is the answer: the same key would only be told it again.
    if answer.status not in AWAY | {429} or b'"execution_id"' in answer.body:
        return None
    asked = answer.headers.get("retry-after", "")
    wanted = float(asked) if asked.isascii() and asked.isdigit() else own
    return wanted if wanted <= LONGEST_PAUSE else None
