"""What both clients are set up with, and what the errors of httpx mean."""

from __future__ import annotations

import time
from typing import Any, Final

import httpx

from llm_playground_client.configuration import CONNECT_SECONDS, Bearer, Token, address
from llm_playground_client.errors import PlaygroundError, TimedOut, UnexpectedAnswer, Unreachable
from llm_playground_client.messages import Answer, Request

RETRIES: Final = 2
AGENT: Final = "llm-playground-client/1.0.0"


def settings(url: str | None, token: Token | None, seconds: float) -> dict[str, Any]:
    """Arguments of httpx's client. Redirects are not followed: the token goes to one address only."""
    return {
        "base_url": address(url),
        "auth": Bearer(token),
        "timeout": _timeout(seconds),
        "follow_redirects": False,
        "headers": {"User-Agent": AGENT},
    }


def arguments(request: Request) -> dict[str, Any]:
    """Arguments of httpx's request."""
    timeout = {} if request.seconds is None else {"timeout": _timeout(request.seconds)}
    return {
        "method": request.method,
        "url": request.path,
        "params": dict(request.query),
        "headers": dict(request.headers),
        "content": request.body,
        **timeout,
    }


def _timeout(seconds: float) -> httpx.Timeout:
    return httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))


def answer_of(response: httpx.Response) -> Answer:
    """The answer, read to its end."""
    return Answer(response.status_code, response.headers, response.content)


class Arriving:
    """An answer that is read as it comes, and is given up once all of it has taken too long.

    httpx counts the time between two pieces: a server that sends one now and then would never be too slow.
    """

    def __init__(self, request: Request, timeout: httpx.Timeout) -> None:
        seconds = timeout.read if request.seconds is None else request.seconds
        self._until = None if seconds is None else time.monotonic() + seconds
        self._pieces: list[bytes] = []

    def take(self, piece: bytes) -> None:
        """Keeps a piece; raises ReadTimeout."""
        if self._until is not None and time.monotonic() > self._until:
            raise httpx.ReadTimeout("the whole answer took too long")
        self._pieces.append(piece)

    def answer(self, response: httpx.Response) -> Answer:
        """All of it."""
        return Answer(response.status_code, response.headers, b"".join(self._pieces))


def away_or_raise(error: httpx.HTTPError | RuntimeError, url: httpx.URL) -> Unreachable:
    """The client's error for one of httpx's, where the service is away; raises PlaygroundError where it is not."""
    where = str(url).rstrip("/")
    if isinstance(error, httpx.TimeoutException):
        return TimedOut(f"The service at {where} did not answer in time.")
    if isinstance(error, httpx.TransportError):
        return Unreachable(f"The service at {where} cannot be reached: {str(error) or type(error).__name__}.")
    if isinstance(error, httpx.HTTPError):
        raise UnexpectedAnswer(f"The answer of {where} cannot be read: {error}.") from None
    raise PlaygroundError("The client is closed.") from None
