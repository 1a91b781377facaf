"""T12, T48: who sends too much hears so, also one that reads only when everything is written; memory stays bounded."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
from django.conf import settings

from foundation.http import body_limit
from foundation.http.body_limit import MOST_THROWN_AWAY, PATIENCE, BodyLimit
from tests.servers.service import Service, Web

DOOR = "/api/prompts/execute"
MEGABYTE = 2**20
ON_THE_WAY = 16 * MEGABYTE
"""More than what both ends of a connection hold for each other."""


@pytest.fixture
def web(service: Service, request: pytest.FixtureRequest) -> Web:
    """On uvicorn, or on the server that is asked for."""
    server = getattr(request, "param", "uvicorn")
    return service.web if server == "uvicorn" else service.start_web(WEB_SERVER=server)


BOTH = pytest.mark.parametrize("web", ["uvicorn", "daphne"], indirect=True)


@pytest.fixture
def connection(web: Web) -> Iterator[socket.socket]:
    """To the web, as bare as a client gets."""
    parts = urlsplit(web.url)
    with closing(socket.create_connection((parts.hostname, parts.port), timeout=60)) as made:
        yield made


def begin(connection: socket.socket, length: str) -> None:
    """The head of a call that brings much."""
    head = (
        f"POST {DOOR} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: text/plain\r\n{length}\r\n\r\n"
    )
    connection.sendall(head.encode())


def read(connection: socket.socket) -> tuple[int, dict[str, Any]]:
    """Status and problem of the answer, which ends the connection."""
    told = b""
    while data := connection.recv(65_536):
        told += data
    head, _, body = told.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


@pytest.mark.parametrize(
    ("web", "beyond"),
    [("uvicorn", 1), ("uvicorn", MEGABYTE), ("uvicorn", MOST_THROWN_AWAY - MEGABYTE), ("daphne", MEGABYTE)],
    indirect=["web"],
)
def test_t12_who_writes_everything_before_reading_is_told(connection: socket.socket, beyond: int) -> None:
    size = settings.MAX_BODY_BYTES + beyond
    begin(connection, f"Content-Length: {size}")
    for _ in range(size // MEGABYTE):
        connection.sendall(b" " * MEGABYTE)
    connection.sendall(b" " * (size % MEGABYTE))
    status, problem = read(connection)
    assert (status, problem["code"]) == (413, "too_large")


def test_t12_the_answer_goes_out_while_the_sender_still_writes(connection: socket.socket) -> None:
    begin(connection, "Transfer-Encoding: chunked")
    for _ in range(settings.MAX_BODY_BYTES // MEGABYTE + 1):
        connection.sendall(b"100000\r\n" + b" " * MEGABYTE + b"\r\n")
    head = connection.recv(65_536)
    assert head.startswith(b"HTTP/1.1 413 ")
    connection.sendall(b"1\r\n \r\n0\r\n\r\n")
    while connection.recv(65_536):
        pass  # the connection is closed by the other side


def write_until_cut_off(connection: socket.socket, *, most: int) -> int:
    """How many bytes could be written."""
    for sent in range(0, most, MEGABYTE):
        try:
            connection.sendall(b"100000\r\n" + b" " * MEGABYTE + b"\r\n")
        except ConnectionError:
            return sent
    return most


@BOTH
def test_t12_t48_who_never_stops_is_cut_off_and_nothing_is_kept(web: Web, connection: socket.socket) -> None:
    process = psutil.Process(web.pid)
    before = process.memory_info().rss
    begin(connection, "Transfer-Encoding: chunked")
    write_until_cut_off(connection, most=MOST_THROWN_AWAY - MEGABYTE)
    kept = [Path(f"/proc/{web.pid}/fd/{each}").stat().st_size for each in os.listdir(f"/proc/{web.pid}/fd")]
    assert max(kept) <= settings.MAX_BODY_BYTES + 1, "no file is larger than what is taken"
    sent = write_until_cut_off(connection, most=10 * MOST_THROWN_AWAY)
    assert sent < settings.MAX_BODY_BYTES + ON_THE_WAY
    assert process.memory_info().rss - before < MOST_THROWN_AWAY


@pytest.mark.parametrize("web", ["daphne"], indirect=True)
def test_t12_daphne_takes_what_may_come_whole(web: Web) -> None:
    url = f"{web.url}{DOOR}"
    for size, status in ((settings.MAX_BODY_BYTES, 400), (settings.MAX_BODY_BYTES + 1, 413)):
        request = urllib.request.Request(url, data=b" " * size, headers={"Content-Type": "application/json"})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request)
        assert refused.value.code == status, size


async def test_t48_who_stops_writing_is_waited_for_a_while_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limit, "PATIENCE", PATIENCE / 50)
    told: list[dict[str, Any]] = []
    came: list[dict[str, Any]] = [{"type": "http.request", "body": b"too much", "more_body": True}]

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await receive()

    async def receive() -> Any:
        if came:
            return came.pop()
        assert [each["type"] for each in told] == ["http.response.start", "http.response.body"], "it was told at once"
        return await asyncio.Future()

    async def send(message: dict[str, Any]) -> None:
        told.append(message)

    await BodyLimit(application, most_bytes=lambda path: 3)({"path": DOOR, "headers": []}, receive, send)
    start, body, end = told
    assert (start["status"], json.loads(body["body"])["code"]) == (413, "too_large")
    assert (body["more_body"], end) == (True, {"type": "http.response.body", "body": b""})
