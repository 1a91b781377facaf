"""T10: Sentry, where it is wanted, is told of groups and of nothing that anybody wrote."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web as http

from foundation.database.threads import in_database_thread
from tests.cast import Person, new_user
from tests.monitoring.test_real_faults import SESSION, begun
from tests.servers.service import Service
from tests.waiting import until

CANARY = "kanarienvogel-5e0f"


class Sink:
    """Takes envelopes (https://develop.sentry.dev/sdk/data-model/envelopes/)."""

    def __init__(self) -> None:
        self.envelopes: list[bytes] = []
        self.headers: list[str] = []
        self.port = 0

    async def take(self, request: http.Request) -> http.Response:
        """Keeps what came, unpacked."""
        body = await request.read()
        self.envelopes.append(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
        self.headers.append(str(dict(request.headers)))
        return http.json_response({"id": "1"})

    def events(self) -> list[dict[str, Any]]:
        """The events of all envelopes."""
        found = []
        for envelope in self.envelopes:
            lines = envelope.split(b"\n")
            found += [
                json.loads(body)
                for head, body in zip(lines[1::2], lines[2::2], strict=False)
                if head and json.loads(head)["type"] == "event"
            ]
        return found


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    """A Sentry on this machine."""
    made = Sink()
    application = http.Application()
    application.router.add_post("/api/42/envelope/", made.take)
    runner = http.AppRunner(application, auto_decompress=False)
    await runner.setup()
    site = http.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    made.port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
    yield made
    await runner.cleanup()


async def test_sentry_is_told_of_the_group_without_a_text(service: Service, sink: Sink) -> None:
    dsn = f"http://key@127.0.0.1:{sink.port}/42"
    web = await asyncio.to_thread(service.start_web, SENTRY_DSN=dsn)
    author = Person(web.url, await in_database_thread(new_user))
    holding = await begun(SESSION)
    try:
        answer = await author.post(f"/api/sessions?said={CANARY}", {"name": CANARY}, headers={"X-Said": CANARY})
    finally:
        await in_database_thread(holding.__exit__, None, None, None)
    assert answer.status == 500

    async def told() -> list[dict[str, Any]]:
        return sink.events()

    (event,) = await until(told)
    assert [each["type"] for each in event["exception"]["values"]][-1].endswith("Error")
    assert (event["tags"]["route"], event["tags"]["role"], event["extra"]) == ("api/sessions", "web", {"count": 1})
    assert any(frame["in_app"] for frame in event["exception"]["values"][-1]["stacktrace"]["frames"])
    said = b"".join(sink.envelopes).decode() + "".join(sink.headers)
    assert CANARY not in said
    assert str(author.user.id) not in said  # type: ignore[union-attr]
    assert {"request", "user", "breadcrumbs", "modules", "contexts", "server_name"} & set(event) == set()


@pytest.mark.parametrize(
    "dsn", ["sentry", "ftp://key@host/1", "https://host/1", "https://key@host/", "https://key@host/project"]
)
def test_what_is_no_dsn_stops_the_start(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from pydantic import ValidationError

    from config.environment import Environment, explain

    monkeypatch.setenv("SENTRY_DSN", dsn)
    with pytest.raises(ValidationError) as raised:
        Environment()
    assert "SENTRY_DSN" in explain(raised.value)
    assert dsn not in explain(raised.value)
