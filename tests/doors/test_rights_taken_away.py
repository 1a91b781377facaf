"""T29: what is open ends with the right to see it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from functools import partial
from typing import Any

import aiohttp
from django.contrib.sessions.models import Session

from accounts.models import User
from foundation.database.threads import in_database_thread
from playground.models import PromptExecution
from tests.cast import Person, Stream, new_user
from tests.doors.browser import Browser
from tests.doors.conftest import BrowserOf
from tests.servers.service import Service
from tests.waiting import until

LONG = "tokens-3000-every-30ms"
RIGHTS_END_WITHIN = 60.0
"""Seconds, of a busy machine and of less than the run takes: rights are trusted for five, and asked again with the next
event."""


async def open_run(person: Person, provider: str, model: str = LONG) -> str:
    """A run that goes on for a minute and a half."""
    async with person.streaming(f"{provider}/{model}") as stream:
        return str((await anext(aiter(stream))).data["execution_id"])


async def is_cancelled(person: Person, execution_id: str) -> bool:
    """Whether the cancelling was taken: it may be a moment until somebody is known to be active again."""
    return (await person.post(f"/api/executions/{execution_id}/cancel")).status in (200, 202)


async def last_of(stream: Stream) -> str:
    """The kind of the last event that still came."""
    kind = ""
    async for event in stream:
        kind = event.kind
    return kind


async def close_code_of(socket: aiohttp.ClientWebSocketResponse) -> int | None:
    """Why the service closed a socket."""
    async for _ in socket:
        pass
    return socket.close_code


async def told_after(taking_away: Awaitable[Any], browser: Browser, execution_id: str) -> tuple[str, int | None]:
    """The last event of open server-sent events and the close code of an open socket, once the rights are gone."""
    async with (
        browser.socket(f"/ws/executions/{execution_id}") as socket,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
        session.get(f"{browser.url}/api/executions/{execution_id}/stream", headers=browser.cookie_header) as response,
    ):
        assert (response.status, (await socket.receive_json())["event"]) == (200, "started")
        await taking_away
        async with asyncio.timeout(RIGHTS_END_WITHIN):
            return await asyncio.gather(last_of(Stream(response)), close_code_of(socket))


async def test_t29_streams_end_with_the_rights_and_the_run_goes_on(
    service: Service, provider: str, browser_of: BrowserOf
):
    users = [await in_database_thread(new_user) for _ in range(3)]
    people = [Person(service.url, user) for user in users]
    browsers = [await in_database_thread(browser_of, person) for person in people]
    runs = [await open_run(person, provider) for person in people]
    ways = (
        browsers[0].post("/logout"),
        in_database_thread(User.objects.filter(id=users[1].id).update, is_active=False),
        in_database_thread(Session.objects.filter(session_key=browsers[2].session_key).delete),
    )
    told = await asyncio.gather(*(told_after(*each) for each in zip(ways, browsers, runs, strict=True)))
    for last, code in told:
        assert last in ("started", "token")
        assert code == 4403
    rows = await in_database_thread(list, PromptExecution.objects.filter(id__in=runs))
    assert [row.status for row in rows] == ["running"] * 3
    await in_database_thread(User.objects.filter(id=users[1].id).update, is_active=True)
    for person, run in zip(people, runs, strict=True):
        await until(partial(is_cancelled, person, run))


async def test_t29_a_silent_stream_ends_with_the_rights_too(service: Service, provider: str, browser_of: BrowserOf):
    person = Person(service.url, await in_database_thread(new_user))
    browser = await in_database_thread(browser_of, person)
    run = await open_run(person, provider, "fault-silent-at-5")
    last, code = await told_after(browser.post("/logout"), browser, run)
    assert last in ("started", "token")
    assert code == 4403
