"""What `/v1/traces` refuses is a google.rpc.Status in the encoding of the request, whoever in the service does it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status
from opentelemetry.sdk.trace.export import SpanExportResult

from foundation.http.interruption import AnswersInterruption
from tests.cast import CLOCK, Person
from tests.playground.gateway.test_mcp_server import token_of
from tests.playground.gateway.test_traces import CALL, PROTOBUF, export, kept, spans
from tests.servers.service import Service, Web

AS_SENT = {"Content-Type": PROTOBUF}


@pytest.fixture
def narrow(running_service: Service) -> Iterator[Web]:
    """A web process that takes two requests a minute."""
    web = Web({**running_service.environment, "RATE_LIMIT_STANDARD": "2"})
    yield web
    web.stop()


async def refused(person: Person, data: Any = b"", *, method: str = "POST", **headers: str) -> tuple[int, str, Any]:
    """HTTP status, the code in the Status, and the headers of an answer that is protobuf."""
    given = {**person.headers, **AS_SENT, **headers}
    async with (
        aiohttp.ClientSession(timeout=CLOCK) as session,
        session.request(method, f"{person.url}/v1/traces", data=data, headers=given) as response,
    ):
        assert response.headers["Content-Type"] == PROTOBUF
        return response.status, code_of(await response.read()), response.headers


def code_of(written: bytes) -> str:
    """The reason in a Status that says something."""
    status, info = Status(), ErrorInfo()
    status.ParseFromString(written)
    assert status.message
    (detail,) = status.details
    assert detail.Unpack(info)
    return str(info.reason)


async def test_whoever_refuses_does_it_in_protobuf(author: Person, anonymous: Person) -> None:
    async def large() -> Any:
        for _ in range(9):
            yield b"\0" * 2**20

    reader = await token_of(author, "read")
    host = {"Host": "elsewhere.example"}
    assert (await refused(anonymous))[:2] == (401, "not_authenticated")
    assert (await refused(Person(author.url, None, token="none")))[0] == 401
    assert (await refused(reader))[:2] == (403, "insufficient_scope")
    assert (await refused(author, method="GET"))[:2] == (405, "method_not_allowed")
    assert (await refused(author, b"\0" * 9 * 2**20))[:2] == (413, "too_large")
    assert (await refused(author, large()))[:2] == (413, "too_large")
    assert (await refused(author, b"x", **{"Content-Encoding": "br"}))[:2] == (415, "unsupported_encoding")
    assert (await refused(author, b"\xff\xff\xff"))[:2] == (400, "malformed_traces")
    assert (await refused(author, b"", **host))[:2] == (400, "bad_request")


async def test_a_challenge_and_a_wait_are_headers_too(anonymous: Person, author: Person, narrow: Web) -> None:
    assert (await refused(anonymous))[2]["WWW-Authenticate"] == "Bearer"
    person = author.at(narrow.url)
    for _ in range(2):
        assert (await refused(person, b"\xff\xff\xff"))[0] == 400
    status, code, headers = await refused(person)
    assert (status, code) == (429, "too_many_requests")
    assert 1 <= int(headers["Retry-After"]) <= 60


async def test_json_is_refused_in_json(anonymous: Person) -> None:
    answer = await anonymous.post("/v1/traces", {}, headers={"Content-Type": "application/json; charset=utf-8"})
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.body["details"][0]["reason"] == "not_authenticated"


async def test_the_official_exporter_waits_as_long_as_it_is_told(author: Person, narrow: Web) -> None:
    person = author.at(narrow.url)
    for _ in range(2):
        await refused(person, b"\xff\xff\xff")
    began = time.monotonic()
    assert await export(person, spans(CALL)) is SpanExportResult.FAILURE
    # Its clock (20 s) ends before the 30 s that it is told: it does not come back early, and gives up.
    assert time.monotonic() - began < 20
    assert await kept(author) == []


async def test_a_stop_of_the_service_is_told_so_as_well() -> None:
    async def cut_off(scope: Any, receive: Any, send: Any) -> None:
        raise asyncio.CancelledError

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/x-protobuf")]
    with pytest.raises(asyncio.CancelledError):
        await AnswersInterruption(cut_off)({"path": "/v1/traces", "headers": headers}, None, send)
    start, body = sent
    assert (start["status"], dict(start["headers"])[b"content-type"]) == (503, PROTOBUF.encode())
    assert b"retry-after" in dict(start["headers"])
    assert code_of(body["body"]) == "unavailable"
