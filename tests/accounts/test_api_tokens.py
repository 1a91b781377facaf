"""API tokens: seen once, held to their scopes at every door, and gone within seconds (T16, T21, T29, T30)."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from django.utils import timezone

from accounts.bearer.scopes import Scope, openers
from accounts.bearer.web_tokens import fingerprint_of_id
from accounts.models import ApiToken, RevokedToken, User
from foundation.database.threads import in_database_thread
from tests.cast import Answer, Person
from tests.doors.browser import Browser
from tests.doors.conftest import BrowserOf, browser_of
from tests.doors.routes import http_routes, socket_routes
from tests.playground.conftest import author, make_provider, provider, stranger
from tests.servers.service import Service
from tests.waiting import until

__all__ = ["author", "browser_of", "make_provider", "provider", "stranger"]

ALL = [scope.value for scope in Scope]


async def made(person: Person, *scopes: str, **fields: Any) -> Answer:
    """The answer of the door that makes a token."""
    name = f"t-{uuid.uuid4().hex[:6]}"
    return await person.post("/api/auth/tokens", {"name": name, "scopes": list(scopes), **fields})


async def program(person: Person, *scopes: str, **fields: Any) -> Person:
    """A program that acts for somebody with a token of these scopes."""
    answer = await made(person, *scopes, **fields)
    assert answer.status == 201, answer.body
    return Person(person.url, person.user, token=answer.body["token"])


async def row_of(holder: Person) -> ApiToken:
    """The row of its token."""
    return await in_database_thread(ApiToken.objects.get, user=holder.user, ending=holder.token[-4:])


async def test_a_token_is_shown_once_and_only_its_hash_is_kept(author: Person):
    answer = await made(author, "read", "execute")
    assert answer.headers["Cache-Control"] == "no-store"
    secret = answer.body.pop("token")
    assert secret.startswith("llmp_")
    assert len(secret) == 54
    assert answer.body["scopes"] == ["read", "execute"]
    listed = await author.get("/api/auth/tokens")
    assert [each["id"] for each in listed.body["results"]] == [answer.body["id"]]
    assert secret not in str(listed.body)
    row = await in_database_thread(lambda: ApiToken.objects.values().get(id=answer.body["id"]))
    assert secret.encode() not in repr(row).encode()
    assert secret[-4:] == row["ending"]
    assert row["expires_at"] is not None
    assert timedelta(days=89) < row["expires_at"] - timezone.now() < timedelta(days=91)


async def test_it_acts_for_its_user_and_its_use_is_noted(author: Person, provider: str):
    holder = await program(author, "read", "execute")
    assert (await row_of(holder)).last_used_at is None
    assert (await holder.get("/api/auth/me")).body["id"] == str(author.user.id if author.user else "")
    assert (await holder.execute(f"{provider}/echo", "Hi")).body["response"] == "Hi"
    assert (await row_of(holder)).last_used_at is not None


async def test_t21_a_scope_opens_its_doors_and_no_other(author: Person, provider: str):
    body = {"model_id": f"{provider}/echo", "prompt": "Hi"}
    saved = {"name": f"T {uuid.uuid4().hex[:6]}", "category": "C", "prompt": "x"}
    tested = {"name": "T", "test_cases": [{}], "parameters": {"runs": 1}, **body}
    doors = {
        "read": ("GET", "/api/templates", None, 200),
        "execute": ("POST", "/api/prompts/execute", body, 200),
        "evaluate": ("POST", "/api/evaluation/probabilistic", tested, 202),
        "manage": ("POST", "/api/templates", saved, 201),
    }
    for scope in ALL:
        holder = await program(author, scope)
        for opens, (method, path, sent, right) in doors.items():
            answer = await holder.call(method, path, sent)
            if opens == scope:
                assert answer.status == right, (scope, path, answer.body)
            else:
                assert (answer.status, answer.body["code"]) == (403, "insufficient_scope"), (scope, path)
                assert f'scope="{opens}"' in answer.headers["WWW-Authenticate"]
                assert opens in answer.body["detail"]


async def test_t21_no_token_opens_what_is_for_people(author: Person):
    holder = await program(author, *ALL)
    for method, path, body in (
        ("GET", "/api/auth/tokens", None),
        ("POST", "/api/auth/tokens", {"name": "more", "scopes": ["read"]}),
        ("DELETE", f"/api/auth/tokens/{uuid.uuid4()}", None),
        ("POST", f"/api/suites/{uuid.uuid4()}/runs/{uuid.uuid4()}/override", {"reason": "x"}),
        ("GET", "/", None),
        ("GET", "/templates", None),
        ("GET", "/settings/tokens", None),
        ("GET", "/admin/", None),
    ):
        answer = await holder.call(method, path, body)
        assert (answer.status, answer.body["code"]) == (403, "insufficient_scope"), path
    assert await in_database_thread(ApiToken.objects.filter(user=author.user).count) == 1


CHANGING_NOTHING = ("/lint", "/render", "/plan", "/revoke", "/bills/compare", "/count_tokens", "/cost-estimation")


def test_t21_every_door_takes_a_scope_that_it_names():
    """What no line names is opened by `manage` alone when it changes something; pages and the admin by none."""
    for path in http_routes():
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            found = openers(method, path)
            assert bool(found) <= path.startswith(("/api/", "/v1/", "/mcp")), path
            assert method == "GET" or Scope.READ not in found or path.endswith(CHANGING_NOTHING) or path == "/mcp"
    assert openers("POST", "/api/something/new") == {Scope.MANAGE}
    assert openers("GET", "/api/something/new") == {Scope.READ}
    assert openers("POST", "/api/prompts/execute") == {Scope.EXECUTE}
    assert openers("GET", "/api/executions/x/stream") == {Scope.READ, Scope.EXECUTE}
    for path in socket_routes():
        assert Scope.READ in openers("GET", path)


@pytest.mark.parametrize(
    "change",
    [
        lambda secret: secret[:-1],
        lambda secret: f"{secret}x",
        lambda secret: secret[:-1] + ("a" if secret[-1] != "a" else "b"),
        lambda secret: secret.swapcase().replace("LLMP_", "llmp_"),
        lambda secret: "llmp_",
        lambda secret: "llmp_" + "ä" * 49,
        lambda secret: "llmp_" + "\0" * 49,
    ],
)
async def test_t16_what_is_nearly_a_token_opens_nothing(author: Person, change: Any):
    answer = await made(author, "read")
    wrong = change(answer.body["token"]).encode("utf-8", "replace").decode("latin-1")
    asked = await Person(author.url, author.user, token=wrong.replace("\0", "0")).get("/api/auth/me")
    assert (asked.status, asked.body["code"]) == (401, "not_authenticated")


async def test_an_expired_and_a_revoked_token_and_that_of_a_deactivated_user_open_nothing(author: Person):
    expired, revoked = await program(author, "read"), await program(author, "read")
    past = timezone.now() - timedelta(seconds=1)
    await in_database_thread(lambda: ApiToken.objects.filter(ending=expired.token[-4:]).update(expires_at=past))
    row = await row_of(revoked)
    for _ in range(2):
        assert (await author.call("DELETE", f"/api/auth/tokens/{row.id}")).status == 204
    for holder in (expired, revoked):
        assert (await holder.get("/api/auth/me")).status == 401
    alive = await program(author, "read")
    row = await row_of(alive)
    await in_database_thread(lambda: User.objects.filter(id=row.user_id).update(is_active=False))
    assert (await alive.get("/api/auth/me")).status == 401


async def test_t29_a_revoked_token_ends_what_it_holds_open(author: Person, provider: str):
    holder = await program(author, "execute")
    async with holder.streaming(f"{provider}/tokens-3000-every-30ms") as stream:
        execution_id = str((await anext(aiter(stream))).data["execution_id"])
    async with (
        aiohttp.ClientSession(headers=holder.headers) as session,
        session.ws_connect(f"{holder.url}/ws/executions/{execution_id}") as socket,
        session.get(f"{holder.url}/api/executions/{execution_id}/stream") as response,
    ):
        assert (await socket.receive()).type == aiohttp.WSMsgType.TEXT
        assert (await author.call("DELETE", f"/api/auth/tokens/{(await row_of(holder)).id}")).status == 204

        async def of_socket() -> int | None:
            async for _ in socket:
                pass
            return socket.close_code

        async def of_stream() -> str:
            return (await response.read()).decode()[-200:]

        async with asyncio.timeout(60):
            code, last = await asyncio.gather(of_socket(), of_stream())
    assert code == 4403
    assert "completed" not in last
    await author.post(f"/api/executions/{execution_id}/cancel")


async def test_a_socket_takes_the_scope_of_its_area(author: Person, provider: str):
    body = (await author.execute(f"{provider}/echo", "Hi")).body
    for scope, right in (("read", 1000), ("execute", 1000), ("manage", 4403)):
        holder = await program(author, scope)
        async with (
            aiohttp.ClientSession(headers=holder.headers) as session,
            session.ws_connect(f"{holder.url}/ws/executions/{body['id']}") as socket,
        ):
            async for _ in socket:
                pass
            assert socket.close_code == right, scope


async def test_t03_nobody_sees_or_revokes_the_tokens_of_another(author: Person, stranger: Person):
    answer = await made(author, "read")
    assert (await stranger.get("/api/auth/tokens")).body["results"] == []
    missing = await stranger.call("DELETE", f"/api/auth/tokens/{uuid.uuid4()}")
    theirs = await stranger.call("DELETE", f"/api/auth/tokens/{answer.body['id']}")
    assert (theirs.status, missing.status) == (404, 404)
    assert theirs.body["detail"] == missing.body["detail"]
    assert (await Person(author.url, author.user, token=answer.body["token"]).get("/api/auth/me")).status == 200


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"name": "", "scopes": ["read"]}, "name"),
        ({"name": "x" * 101, "scopes": ["read"]}, "name"),
        ({"name": "x", "scopes": []}, "scopes"),
        ({"name": "x", "scopes": ["admin"]}, "scopes.0"),
        ({"name": "x"}, "scopes"),
        ({"name": "x", "scopes": ["read"], "expires_in_days": 0}, "expires_in_days"),
        ({"name": "x", "scopes": ["read"], "expires_in_days": 367}, "expires_in_days"),
        ({"name": "x", "scopes": ["read"], "user_id": str(uuid.uuid4())}, "user_id"),
    ],
)
async def test_a_token_that_does_not_hold_is_refused_by_its_field(author: Person, sent: Any, field: str):
    answer = await author.post("/api/auth/tokens", sent)
    assert (answer.status, answer.body["errors"][0]["field"]) == (400, field)


async def test_a_name_is_free_again_once_its_token_is_revoked(author: Person):
    sent = {"name": "deploy", "scopes": ["read"], "expires_in_days": None}
    first = await author.post("/api/auth/tokens", sent)
    assert (first.status, first.body["expires_at"]) == (201, None)
    again = await author.post("/api/auth/tokens", sent)
    assert (again.status, again.body["errors"][0]["code"]) == (400, "name_taken")
    await author.call("DELETE", f"/api/auth/tokens/{first.body['id']}")
    assert (await author.post("/api/auth/tokens", sent)).status == 201


async def test_a_token_may_give_itself_back(author: Person):
    holder = await program(author, "read")
    assert (await holder.post("/api/auth/token/revoke", {})).status == 204

    async def is_over() -> bool:
        return (await holder.get("/api/auth/me")).status == 401

    await until(is_over)


async def test_the_page_makes_shows_once_and_revokes(author: Person, browser_of: BrowserOf):
    browser: Browser = await in_database_thread(browser_of, author)
    page = await browser.post("/settings/tokens", form={"name": "", "expires_in_days": "30"})
    assert page.status == 400
    assert "Name must not be empty." in page.text
    page = await browser.post(
        "/settings/tokens", form={"name": "<b>nightly</b>", "scopes": "read", "expires_in_days": "30"}
    )
    assert page.status == 200
    token = await in_database_thread(ApiToken.objects.get, user=author.user)
    secret = page.text.partition('value="llmp_')[2].partition('"')[0]
    assert len(secret) == 49
    assert secret.endswith(token.ending)
    assert "<b>nightly</b>" not in page.text
    again = await browser.get("/settings/tokens")
    assert secret not in again.text
    assert f"…{token.ending}" in again.text
    assert (await browser.post(f"/settings/tokens/{token.id}/revoke", form={})).status == 302
    assert "revoked" in (await browser.get("/settings/tokens")).text


async def test_t30_a_service_account_comes_in_by_its_tokens_alone(service: Service):
    from accounts.signing_in import make_link

    def of_service() -> tuple[User, str]:
        user = User.objects.create_user(f"svc-{uuid.uuid4().hex[:6]}", "a long enough phrase", is_service=True)
        return user, make_link(user, now=timezone.now())

    user, link = await in_database_thread(of_service)
    body = {"username": user.username, "password": "a long enough phrase"}
    assert (await Person(service.url, None).post("/api/auth/token", body)).status == 401
    assert (await Browser(service.url).post("/login", form=body)).status == 401
    assert (await Browser(service.url).post(f"/sign-in/{link}", form={})).status == 410
    assert (await program(Person(service.url, user), "read")).token


async def test_t27_administrators_make_tokens_for_services_and_take_back_what_anybody_has(
    service: Service, author: Person, browser_of: BrowserOf
):
    admin = await in_database_thread(User.objects.create_superuser, f"a-{uuid.uuid4().hex[:6]}", "a long enough phrase")
    svc = await in_database_thread(lambda: User.objects.create_user(f"s-{uuid.uuid4().hex[:6]}", is_service=True))
    browser = await in_database_thread(browser_of, Person(service.url, admin))
    add = "/admin/accounts/apitoken/add/"
    assert svc.username in (await browser.get(add)).text
    form = {"user": str(svc.id), "name": "shop", "scopes": "execute", "expires_in_days": "7"}
    assert (await browser.post(add, form={**form, "user": str(author.user and author.user.id)})).text.count(
        "llmp_"
    ) == 0
    shown = (await browser.post(add, form=form)).text
    secret = "llmp_" + shown.partition("llmp_")[2].partition("<")[0]
    holder = Person(service.url, svc, token=secret)
    assert (await holder.get("/api/auth/me")).status == 200
    again = (await browser.post(add, form=form)).text
    assert "There is a token of this name" in again
    assert "llmp_" not in again
    row = await row_of(holder)
    assert (row.user_id, row.made_by_id) == (svc.id, admin.id)
    chosen = {"action": "revoke", "_selected_action": str(row.id)}
    assert (await browser.post("/admin/accounts/apitoken/", form=chosen)).status == 302

    async def is_over() -> bool:
        return (await holder.get("/api/auth/me")).status == 401

    await until(is_over)
    jti = uuid.uuid4().hex
    sent = {"jti": jti, "for_days": "2"}
    for _ in range(2):
        assert (await browser.post("/admin/accounts/revokedtoken/add/", form=sent)).status == 302
    found = RevokedToken.objects.filter(fingerprint=fingerprint_of_id(jti))
    assert await in_database_thread(found.count) == 1
    # Curators govern templates, not people.
    curator = await in_database_thread(
        lambda: User.objects.create_user(f"c-{uuid.uuid4().hex[:6]}", roles=["curator"], is_staff=True)
    )
    theirs = await in_database_thread(browser_of, Person(service.url, curator))
    for path in (add, "/admin/accounts/apitoken/", "/admin/accounts/revokedtoken/add/"):
        assert (await theirs.get(path)).status == 403, path
