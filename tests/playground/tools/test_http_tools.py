"""Tools behind an address: what they send and bring, whom they ask first, and where they do not go."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from django.db import connection

from foundation.database.threads import in_database_thread
from playground.models import HttpTool
from tests.cast import Person
from tests.playground.tools.test_rounds import script

SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city"],
    "additionalProperties": False,
}


class Behind(ThreadingHTTPServer):
    """Answers as its paths say, and keeps what came."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Call)
        self.calls: list[dict[str, Any]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class _Call(BaseHTTPRequestHandler):
    server: Behind

    def _answer(self) -> None:
        address = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.calls.append(
            {
                "method": self.command,
                "path": address.path,
                "query": parse_qs(address.query),
                "body": orjson.loads(body) if body else None,
                "headers": {name.lower(): value for name, value in self.headers.items()},
            }
        )
        kind = address.path.split("/")[1]
        if kind == "slow":
            time.sleep(3)
        status = {"broken": 500, "away": 302}.get(kind, 200)
        said = {
            "large": b'"' + b"x" * 10_000_000 + b'"',
            "binary": bytes(range(256)) * 10,
            "html": b"<p>no json</p>",
        }.get(kind, b'{"sky": "blue"}')
        self.send_response(status)
        self.send_header("Content-Type", "text/plain" if kind == "binary" else "application/json")
        self.send_header("Content-Length", str(len(said)))
        if status == 302:
            self.send_header("Location", "http://169.254.169.254/")
        self.end_headers()
        try:
            self.wfile.write(said)
        except OSError:
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer

    def log_message(self, *words: object) -> None:
        """Says nothing."""


@pytest.fixture
def behind() -> Iterator[Behind]:
    """The program behind the address."""
    with Behind() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@asynccontextmanager
async def tool(url: str, *, headers: dict[str, str] | None = None, **fields: Any) -> AsyncIterator[HttpTool]:
    """One that administrators have set up, for as long as this lasts."""
    row = HttpTool(
        name=f"tool_{uuid.uuid4().hex[:10]}",
        description="Tells the weather.",
        parameters=SCHEMA,
        url=url,
        **{"needs_approval": False, "allow_private_address": True, **fields},
    )
    if headers:
        row.set_headers(headers)
    await row.asave()
    try:
        yield row
    finally:
        await row.adelete()


async def run(author: Person, provider: str, name: str, **arguments: Any) -> dict[str, Any]:
    """What an execution comes to whose model calls the tool once."""
    body: dict[str, Any] = (
        await author.execute(f"{provider}/tool-script", script([[name, arguments]]), tools=[name])
    ).body
    return body


async def test_arguments_go_into_path_and_query(author: Person, provider: str, behind: Behind):
    async with tool(behind.url + "/weather/{city}") as row:
        body = await run(author, provider, row.name, city="St. Pölten/../x?y", days=3)
    (call,) = body["tool_executions"]
    assert (call["status"], call["result"]) == ("completed", {"sky": "blue"})
    (asked,) = behind.calls
    assert asked["path"] == "/weather/St.%20P%C3%B6lten%2F..%2Fx%3Fy"
    assert asked["query"] == {"days": ["3"]}


async def test_arguments_go_as_json(author: Person, provider: str, behind: Behind):
    async with tool(behind.url + "/weather", method="POST", headers={"Authorization": "Bearer canary"}) as row:
        await run(author, provider, row.name, city="Graz")
    (asked,) = behind.calls
    assert (asked["method"], asked["body"]) == ("POST", {"city": "Graz"})
    assert asked["headers"]["authorization"] == "Bearer canary"


async def test_it_is_told_the_callers_trace(author: Person, provider: str, behind: Behind):
    given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    async with tool(behind.url + "/weather") as row:
        body = {
            "model_id": f"{provider}/tool-script",
            "prompt": script([[row.name, {"city": "Graz"}]]),
            "tools": [row.name],
        }
        answer = await author.post("/api/prompts/execute", body, headers={"traceparent": given})
    assert answer.body["tool_executions"][0]["status"] == "completed"
    (asked,) = behind.calls
    assert asked["headers"]["traceparent"].startswith(given[:36])
    # It is a child of our own work, not of the caller's.
    assert asked["headers"]["traceparent"] != given


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/broken", "failed", 'It answered 500: {"sky": "blue"}'),
        ("/away", "failed", "redirects are not followed"),
        ("/binary", "failed", "no text"),
        ("/html", "failed", "promised JSON"),
        ("/slow", "failed", "did not answer within 1 seconds"),
        ("/large", "completed", "[cut: "),
    ],
)
async def test_f09_what_goes_wrong_behind_it_is_told(
    author: Person, provider: str, behind: Behind, path: str, status: str, words: str
):
    async with tool(behind.url + path, seconds=1) as row:
        body = await run(author, provider, row.name, city="Graz")
    (call,) = body["tool_executions"]
    assert call["status"] == status
    assert words in (call["error"] if status == "failed" else call["result"])
    assert len(orjson.dumps(call)) < 70_000
    assert body["status"] == "completed"


async def test_nobody_behind_the_address(author: Person, provider: str):
    async with tool("http://127.0.0.1:1/") as row:
        body = await run(author, provider, row.name, city="Graz")
    assert "cannot be reached" in body["tool_executions"][0]["error"]


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://2130706433:{port}/", "http://[::1]:{port}/"],
)
async def test_t08_it_does_not_go_into_this_network(author: Person, provider: str, behind: Behind, url: str):
    address = url.replace("{port}", str(behind.server_address[1]))
    async with tool(address, allow_private_address=False) as row:
        body = await run(author, provider, row.name, city="Graz")
    assert "refused" in body["tool_executions"][0]["error"]
    assert behind.calls == []


async def test_t18_a_tool_that_needs_a_person_waits_for_one(author: Person, provider: str, behind: Behind):
    async with tool(behind.url + "/weather", needs_approval=True) as row:
        old = await run(author, provider, row.name, city="Graz")
        (call,) = old["tool_executions"]
        assert call["status"] == "awaiting_approval"
        assert behind.calls == []
        answers = [
            await author.post(
                f"/api/executions/{old['id']}/resume", {"approve": [call["id"]]}, headers={"Idempotency-Key": key}
            )
            for key in ("one click", "another")
        ]
    assert {answer.status for answer in answers} == {201}
    # Allowed twice, it was run once.
    assert len({answer.body["id"] for answer in answers}) == 1
    assert len(behind.calls) == 1
    new = answers[0].body
    assert new["response"] == 'The tool said: {"sky":"blue"}'
    assert [(each["status"], each["round"]) for each in new["tool_executions"]] == [("completed", 1)]


async def test_t18_a_call_that_a_person_refuses_is_not_run(author: Person, provider: str, behind: Behind):
    async with tool(behind.url + "/weather", needs_approval=True) as row:
        old = await run(author, provider, row.name, city="Graz")
        call = old["tool_executions"][0]
        new = (await author.post(f"/api/executions/{old['id']}/resume", {"refuse": [call["id"]]})).body
    assert "A person has refused this call" in new["response"]
    assert behind.calls == []


async def test_t31_another_address_does_not_get_the_saved_headers(author: Person, behind: Behind):
    async with tool(behind.url + "/weather", headers={"Authorization": "Bearer canary"}) as row:
        assert row.headers == {"Authorization": "Bearer canary"}
        row.url = behind.url + "/elsewhere"
        await row.asave(update_fields=["url"])
        assert (await HttpTool.objects.aget(id=row.id)).headers == {}


async def test_a_result_of_a_tool_is_sealed(author: Person, provider: str, behind: Behind):
    async with tool(behind.url + "/weather") as row:
        body = await run(author, provider, row.name, city="Graz")
    sealed = await in_database_thread(_raw_answer, body["id"])
    assert b"blue" not in sealed


def _raw_answer(execution_id: str) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT answer FROM prompt_executions WHERE id = %s", [execution_id])
        return bytes(cursor.fetchone()[0])


async def test_a_tool_that_was_taken_away_is_named(author: Person, provider: str, behind: Behind):
    async with tool(behind.url + "/weather", is_enabled=False) as row:
        answer = await author.execute(f"{provider}/echo", "x", tools=[row.name])
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, "unknown_tool")
