"""Where it may not go, whom it does not trust, and what it never says."""

from __future__ import annotations

import logging
from collections.abc import Callable

import httpx
import pytest

from llm_playground_client import (
    Client,
    Misconfigured,
    PlaygroundError,
    ProblemError,
    TemplateNotFound,
    UnexpectedAnswer,
    Unreachable,
)
from tests.servers.service import Service

SECRET = "canary-token-1234"


def answering(answer: Callable[[httpx.Request], httpx.Response], **more: object) -> Client:
    """A client of something that answers so."""
    return Client("http://playground", SECRET, transport=httpx.MockTransport(answer), retries=0, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url",
    ["", "playground", "ftp://playground", "http://", "http://me:word@playground", "http://a/?b=c", "//x"],
)
def test_an_address_that_is_none_is_told_at_once(url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PLAYGROUND_URL", raising=False)
    with pytest.raises(Misconfigured):
        Client(url, SECRET)


@pytest.mark.parametrize("token", ["", "  ", "two words", "line\nbreak", "größe"])
def test_a_token_that_is_none_is_told_without_it(token: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PLAYGROUND_TOKEN", raising=False)
    with pytest.raises(Misconfigured) as refused:
        Client("http://playground", token)
    assert not token.strip() or token not in str(refused.value)


def test_address_and_token_come_from_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PLAYGROUND_URL", "http://playground/below/")
    monkeypatch.setenv("PLAYGROUND_TOKEN", SECRET + "\n")
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"id": "x", "status": "running"})

    with Client(transport=httpx.MockTransport(answer)) as client:
        client.execution("x")
    assert str(seen[0].url) == "http://playground/below/api/executions/x"
    assert seen[0].headers["Authorization"] == f"Bearer {SECRET}"


def test_a_token_that_changes_is_asked_for_each_time():
    tokens = iter(["one", "two"])
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["Authorization"])
        return httpx.Response(200, json={"id": "x", "status": "running"})

    with Client("http://playground", lambda: next(tokens), transport=httpx.MockTransport(answer)) as client:
        client.execution("x")
        client.execution("x")
    assert seen == ["Bearer one", "Bearer two"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_token_follows_no_redirect(status: int):
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(status, headers={"Location": "http://elsewhere/api"})

    calls: list[Callable[[Client], object]] = [
        lambda client: client.get_prompt("x"),
        lambda client: client.run(prompt="x", model_id="a/b"),
        lambda client: list(client.stream(prompt="x", model_id="a/b")),
    ]
    for call in calls:
        with answering(answer) as client, pytest.raises(UnexpectedAnswer, match="elsewhere"):
            call(client)
    assert set(asked) == {"playground"}


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"null", b"[]", b'"x"', b"{}", b'{"results": 5}', b'{"results": [1], "next": null}', b"\xff"],
)
@pytest.mark.parametrize("status", [200, 400, 404, 500])
def test_what_is_no_playground_is_told_so(body: bytes, status: int):
    with answering(lambda request: httpx.Response(status, content=body)) as client, pytest.raises(PlaygroundError):
        client.get_prompt("x")


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_service_that_fails_counts_as_away(status: int):
    with answering(lambda request: httpx.Response(status)) as client, pytest.raises(Unreachable):
        client.get_prompt("x")


def test_only_what_changes_nothing_or_is_known_again_is_sent_twice(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("llm_playground_client.messages.FIRST_PAUSE", 0.0)
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(503)

    with Client("http://playground", SECRET, transport=httpx.MockTransport(answer)) as client:
        with pytest.raises(Unreachable):
            client.run(prompt="x", model_id="a/b")
        keys = {request.headers["Idempotency-Key"] for request in sent}
        assert (len(sent), len(keys)) == (3, 1)
        with pytest.raises(Unreachable):
            client.run(prompt="x", model_id="a/b")
        assert len({request.headers["Idempotency-Key"] for request in sent}) == 2


def test_a_run_that_failed_is_not_sent_again():
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(503, json={"code": "overloaded", "detail": "Busy.", "execution_id": "e"})

    client = Client("http://playground", SECRET, transport=httpx.MockTransport(answer))
    with client, pytest.raises(ProblemError, match="Busy") as failed:
        client.run(prompt="x", model_id="a/b")
    assert (failed.value.execution_id, len(sent)) == ("e", 1)


def test_a_wrong_token_is_told_and_nowhere_said(service: Service, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.DEBUG), Client(service.url, SECRET) as client:
        with pytest.raises(ProblemError) as refused:
            client.get_prompt("welcome")
        with pytest.raises(ProblemError):
            list(client.stream(prompt="x", model_id="a/b"))
    assert refused.value.status == 401
    assert not isinstance(refused.value, TemplateNotFound)
    told = [str(refused.value), repr(refused.value), repr(client), repr(vars(client)), caplog.text]
    assert not [each for each in told if SECRET in each]


def test_a_client_that_is_closed_says_so():
    client = Client("http://playground", SECRET)
    client.close()
    with pytest.raises(PlaygroundError, match="closed"):
        client.get_prompt("x")
