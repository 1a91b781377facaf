"""Sessions with several people in them: shares, comments, ratings, who is here, whose run arrives."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from accounts.models import Team
from foundation.database.threads import in_database_thread
from tests.cast import Person, new_user
from tests.servers.service import Service
from tests.sessions_app.test_sessions import made
from tests.waiting import PATIENCE


@pytest.fixture
def friend(service: Service) -> Person:
    """Somebody whom things are shared with."""
    return Person(service.url, new_user(name="Friend", email=f"friend-{uuid.uuid4().hex[:8]}@example.org"))


async def share(owner: Person, session: dict[str, Any], *members: dict[str, Any]) -> Any:
    """Shares the session with these."""
    return await owner.call("PUT", f"/api/sessions/{session['id']}/share", {"members": list(members)})


@asynccontextmanager
async def looking(person: Person, session_id: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """The session's socket."""
    async with (
        aiohttp.ClientSession() as client,
        client.ws_connect(
            f"{person.url}/ws/sessions/{session_id}", headers=person.headers, origin=person.url
        ) as socket,
    ):
        yield socket


async def news(socket: aiohttp.ClientWebSocketResponse, event: str) -> Any:
    """The next news of that kind."""
    while True:
        told = await socket.receive_json(timeout=PATIENCE)
        if told["event"] == event:
            return told["data"]


async def told_of_a_run(
    socket: aiohttp.ClientWebSocketResponse, person: Person, model: str, session_id: str
) -> tuple[Any, list[str]]:
    """The first news of a run, and all that were made: each process looks twice a second who is watched, and what runs
    before that is nobody's news."""
    runs: list[str] = []
    for _ in range(60):
        runs.append((await person.execute(model, session_id=session_id)).body["id"])
        with contextlib.suppress(TimeoutError):
            return await asyncio.wait_for(news(socket, "execution"), 1), runs
    raise AssertionError(f"no news of {len(runs)} runs")


async def test_a_viewer_reads_an_editor_runs_and_nobody_else_knows(
    author: Person, friend: Person, stranger: Person, provider: str
):
    session = await made(author)
    run = (await author.execute(f"{provider}/echo", session_id=session["id"])).body
    address, model = f"/api/sessions/{session['id']}", f"{provider}/echo"
    assert (await friend.get(address)).status == 404
    shared = await share(author, session, {"email": friend.user.email, "role": "viewer"})  # type: ignore[union-attr]
    assert shared.body["members"][0]["name"] == "Friend"
    assert (await friend.get(address)).body["role"] == "viewer"
    assert (await friend.get(f"{address}/history")).body["results"][0]["id"] == run["id"]
    assert (await friend.get(f"/api/executions/{run['id']}")).status == 200
    assert (await friend.execute(model, session_id=session["id"])).status == 403
    assert (await friend.call("PATCH", address, {"name": "x"})).status == 403
    assert (await share(friend, session)).status == 403
    await share(author, session, {"user_id": str(friend.user.id), "role": "editor"})  # type: ignore[union-attr]
    assert (await friend.call("PATCH", address, {"name": "Ours"})).status == 200
    assert (await friend.execute(model, session_id=session["id"])).status == 200
    assert (await friend.call("DELETE", address)).status == 403
    assert (await author.get(address)).body["execution_count"] == 2
    for path in ("", "/history", "/share", "/analytics", "/export"):
        assert (await stranger.get(address + path)).status == 404, path
    await share(author, session)
    assert (await friend.get(address)).status == 404
    assert (await friend.get(f"/api/executions/{run['id']}")).status == 404


async def test_a_team_is_shared_with_by_those_who_are_in_it(author: Person, friend: Person, stranger: Person):
    def team() -> str:
        made = Team.objects.create(name=f"Team {uuid.uuid4().hex[:6]}")
        made.members.set([author.user, friend.user])  # type: ignore[list-item]
        return str(made.id)

    team_id = await in_database_thread(team)
    session = await made(author)
    await share(author, session, {"team_id": team_id, "role": "editor"})
    assert (await friend.get(f"/api/sessions/{session['id']}")).body["role"] == "editor"
    assert (await friend.get("/api/auth/me")).body["teams"][0]["id"] == team_id
    other = await made(stranger)
    refused = await share(stranger, other, {"team_id": team_id})
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "members.0.team_id")


async def test_odd_members_are_named(author: Person, friend: Person):
    session, owner, known = await made(author), str(author.user and author.user.id), str(friend.user and friend.user.id)
    for members, field in (
        ([{"email": "nobody@example.org"}], "members.0.email"),
        ([{"user_id": known}, {"user_id": known}], "members.1"),
        ([{"user_id": owner}], "members.0"),
        ([{"user_id": known, "email": "a"}], "members.0"),
        ([{"user_id": known, "role": "owner"}], "members.0.role"),
        ([{}], "members.0"),
    ):
        refused = await share(author, session, *members)
        assert (refused.status, refused.body["errors"][0]["field"]) == (400, field), members
    assert (await author.get(f"/api/sessions/{session['id']}/share")).body["members"] == []


async def test_comments_name_people_who_may_read_them(author: Person, friend: Person, stranger: Person, provider: str):
    run = (await author.execute(f"{provider}/echo")).body
    await share(author, {"id": run["session_id"]}, {"user_id": str(friend.user.id)})  # type: ignore[union-attr]
    address = f"/api/executions/{run['id']}/comments"
    text = f"Look, @{friend.user.email}, not @{stranger.user.username} or mail@example.org."  # type: ignore[union-attr]
    comment = (await author.post(address, {"text": text})).body
    assert [each["name"] for each in comment["mentions"]] == ["Friend"]
    assert (await friend.post(address, {"text": "Seen"})).status == 201
    assert [each["text"] for each in (await friend.get(address)).body["results"]] == [text, "Seen"]
    assert (await friend.call("PATCH", f"/api/comments/{comment['id']}", {"text": "x"})).status == 403
    changed = await author.call("PATCH", f"/api/comments/{comment['id']}", {"text": "Other"})
    assert (changed.body["text"], changed.body["mentions"]) == ("Other", [])
    assert changed.body["edited_at"]
    assert (await stranger.post(address, {"text": "x"})).status == 404
    assert (await stranger.call("DELETE", f"/api/comments/{comment['id']}")).status == 404
    theirs = (await friend.get(address)).body["results"][1]
    assert (await author.call("DELETE", f"/api/comments/{theirs['id']}")).status == 204
    assert (await author.post(address, {"text": ""})).body["errors"][0]["field"] == "text"


async def test_a_rating_is_one_a_person(author: Person, friend: Person, provider: str):
    run = (await author.execute(f"{provider}/echo")).body
    await share(author, {"id": run["session_id"]}, {"user_id": str(friend.user.id)})  # type: ignore[union-attr]
    address = f"/api/executions/{run['id']}/rating"
    clicks = [author.call("PUT", address, {"value": value}) for value in (1, 2, 3, 4, 5)]
    assert {answer.status for answer in await asyncio.gather(*clicks)} == {200}
    last = await author.call("PUT", address, {"thumb": "up", "note": "Just right"})
    assert (last.body["value"], last.body["thumb"], last.body["note"]) == (None, "up", "Just right")
    await friend.call("PUT", address, {"value": 2})
    assert len((await author.get(address)).body["results"]) == 2
    for wrong in ({}, {"value": 3, "thumb": "up"}, {"value": 6}, {"thumb": "sideways"}):
        assert (await author.call("PUT", address, wrong)).status == 400, wrong


async def test_people_see_each_other_and_each_others_runs(author: Person, friend: Person, provider: str):
    session = await made(author)
    await share(author, session, {"user_id": str(friend.user.id), "role": "editor"})  # type: ignore[union-attr]
    async with looking(author, session["id"]) as mine:
        assert [each["name"] for each in (await news(mine, "presence"))["people"]] == ["Author"]
        async with looking(friend, session["id"]):
            assert [each["name"] for each in (await news(mine, "presence"))["people"]] == ["Author", "Friend"]
            told, runs = await told_of_a_run(mine, friend, f"{provider}/echo", session["id"])
            assert told == {"id": told["id"], "user_id": str(friend.user and friend.user.id)}
            assert told["id"] in runs
            await friend.post(f"/api/executions/{told['id']}/comments", {"text": "canary"})
            comment = await news(mine, "comment")
            assert comment.keys() == {"id", "execution_id"}
        assert [each["name"] for each in (await news(mine, "presence"))["people"]] == ["Author"]


async def test_t29_an_open_socket_ends_when_the_share_is_taken_away(author: Person, friend: Person):
    session = await made(author)
    await share(author, session, {"user_id": str(friend.user.id)})  # type: ignore[union-attr]
    async with looking(friend, session["id"]) as socket:
        await news(socket, "presence")
        await share(author, session)
        async with asyncio.timeout(PATIENCE):
            async for _ in socket:
                pass
        assert socket.close_code == 4403


async def test_t03_a_strangers_socket_is_closed(author: Person, stranger: Person):
    session = await made(author)
    for session_id in (session["id"], str(uuid.uuid4())):
        async with looking(stranger, session_id) as socket:
            assert (await socket.receive()).type == aiohttp.WSMsgType.CLOSE
            assert socket.close_code == 4404
