"""T17, T30: signing in by an OpenID Connect provider: the way there and back, and every other way that is none."""

from __future__ import annotations

import asyncio
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.sessions.models import Session

from accounts.bearer.identity import user_id_of
from accounts.models import User
from foundation.database.threads import in_database_thread
from tests.accounts.oidc_provider import CLIENT_ID, RSA_KEY, Provider, Window, by_rsa
from tests.cast import Person
from tests.doors.browser import Browser
from tests.servers.service import Service
from tests.waiting import until

OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC_PEM = RSA_KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)


async def users() -> int:
    """How many there are."""
    return await in_database_thread(User.objects.count)


async def sessions() -> int:
    """How many there are."""
    return await in_database_thread(Session.objects.count)


async def test_somebody_signs_in_and_is_who_the_token_says(window: Window, provider: Provider):
    provider.claims = {"roles": ["curator", "unknown"]}
    assert "Sign in with Example &amp; Co" in (await window.get("/login")).text
    begun = await window.begin(next="/history?status=failed")
    cookie = begun.cookies["oidc"]
    for attribute in ("HttpOnly", "SameSite=Lax", "Path=/sign-in/oidc", "Max-Age=600"):
        assert attribute in cookie
    asked = parse_qs(urlsplit(begun.onward).query)
    assert (asked["response_type"], asked["code_challenge_method"]) == (["code"], ["S256"])
    assert (asked["scope"], asked["tenant"]) == (["openid email profile"], ["one"])
    assert asked["redirect_uri"] == [f"{window.url}/sign-in/oidc/callback"]
    answer = await window.get((await window.get(begun.onward)).location)
    assert (answer.status, answer.location) == (302, "/history?status=failed")
    assert answer.headers["Referrer-Policy"] == "strict-origin"
    me = await window.me()
    assert (me["id"], me["name"], me["email"], me["roles"]) == (
        str(user_id_of("ada")), "Ada", "ada@example.org", ["curator"],
    )  # fmt: skip
    # PKCE: the provider compares the verifier with the challenge; the secret went by one way only.
    (form,) = provider.forms
    assert len(form["code_verifier"]) >= 43
    assert "client_secret" not in form
    assert provider.authorizations[0].startswith("Basic ")
    # The roles are the provider's at each sign-in.
    provider.claims = {"roles": []}
    again = Window(window.url)
    assert (await again.sign_in()).location == "/"
    assert (await again.me())["roles"] == ["user"]
    assert await users() == 1


async def test_the_same_person_by_bearer_token_and_by_the_pages(window: Window, provider: Provider):
    payload = {"sub": "ada", "exp": int(time.time()) + 300, "iss": provider.url, "aud": "api"}
    by_token = await Person(window.url, None, token=by_rsa(payload)).get("/api/auth/me")
    await window.sign_in()
    assert (await window.me())["id"] == by_token.body["id"]
    assert await users() == 1


async def test_t30_an_email_opens_no_account(window: Window, provider: Provider):
    local = await in_database_thread(lambda: User.objects.create_superuser("ada", None, email="ada@example.org"))
    provider.claims = {"email_verified": True, "preferred_username": "ada"}
    await window.sign_in()
    me = await window.me()
    assert me["id"] != str(local.id)
    assert me["roles"] == ["user"]
    assert await users() == 2


async def test_t17_a_callback_without_its_own_state_is_refused(window: Window, provider: Provider):
    stranger = Window(window.url)
    theirs, own = await stranger.come_back(), await window.come_back()
    state = parse_qs(urlsplit(own).query)["state"][0]
    for address in (
        theirs,
        own.replace(state, "wrong"),
        own.replace(f"state={state}", "state="),
        own.replace(f"state={state}", "x=1"),
        "/sign-in/oidc/callback",
    ):
        answer = await window.get(address)
        assert answer.status == 400, address
        assert "not begun in this browser" in answer.reason
    assert (await Window(window.url).get(own)).status == 400
    assert provider.forms == [], "no code was redeemed"
    assert await sessions() == 0
    # Somebody else's link has not disturbed the sign-in that is under way.
    assert (await window.get(own)).status == 302


async def test_t17_a_cookie_that_we_did_not_write_is_none(window: Window, provider: Provider):
    own = await window.come_back()
    (cookie,) = [morsel for morsel in window.jar if morsel.key == "oidc"]
    forged = Window(window.url)
    for value in (cookie.value[:-1] + ("A" if cookie.value[-1] != "A" else "B"), "x" + cookie.value, "abc", ""):
        address = f"{window.url}{urlsplit(own).path}?{urlsplit(own).query}"
        forged.jar.update_cookies({"oidc": value})
        assert (await forged.get(address)).status == 400, value


async def test_t30_a_callback_counts_once(window: Window, provider: Provider):
    provider.takes_codes_twice = True
    own = await window.come_back()
    (cookie,) = [morsel.value for morsel in window.jar if morsel.key == "oidc"]
    first = await window.get(own)
    assert first.status == 302
    assert "Max-Age=0" in first.cookies["oidc"]
    assert (await window.get(own)).status == 400
    # Nor for somebody who kept the cookie, with a provider that takes a code twice.
    copied = Window(window.url)
    copied.jar.update_cookies({"oidc": cookie})
    answer = await copied.get(own)
    assert (answer.status, len(provider.forms)) == (400, 1)
    assert not await copied.is_known()


async def test_t30_of_two_callbacks_at_once_one_counts(window: Window, provider: Provider):
    provider.takes_codes_twice = True
    own = await window.come_back()
    answers = await asyncio.gather(*(window.get(own) for _ in range(8)))
    assert sorted(answer.status for answer in answers) == [302] + [400] * 7
    assert len(provider.forms) == 1


async def test_t17_an_answer_of_another_issuer_is_none(window: Window, provider: Provider):
    provider.answer = {"iss": "https://evil.example.org"}
    assert (await window.sign_in()).status == 400
    assert provider.forms == [], "the code is told to nobody"
    provider.answer = {"iss": provider.url}
    assert (await window.sign_in()).status == 302


@pytest.mark.parametrize(
    ("error", "status"), [("access_denied", 403), ("login_required", 403), ("canary<b>", 403), ("server_error", 503)]
)
async def test_what_the_provider_refuses_is_told(window: Window, provider: Provider, error: str, status: int):
    provider.answer = {"error": error, "error_description": "canary-text"}
    answer = await window.sign_in()
    assert answer.status == status
    assert answer.reason
    assert "canary" not in answer.text
    assert provider.forms == []
    assert not await window.is_known()


async def test_t30_whoever_is_closed_out_stays_out(window: Window, provider: Provider):
    provider.claims = {"name": "Changed", "roles": ["admin"]}
    for closed in ({"is_active": False}, {"is_active": True, "is_service": True}):
        given = {"username": "ada", "name": "Ada", **closed}
        await in_database_thread(User.objects.update_or_create, id=user_id_of("ada"), defaults=given)
        answer = await window.sign_in()
        assert answer.status == 403
        assert "administrator" in answer.reason
        assert not await window.is_known()
    user = await in_database_thread(User.objects.get, id=user_id_of("ada"))
    assert (user.name, user.roles, user.is_superuser) == ("Ada", [], False)


async def test_rights_end_with_the_account(window: Window, provider: Provider):
    await window.sign_in()
    await in_database_thread(User.objects.filter(id=user_id_of("ada")).update, is_active=False)

    async def is_out() -> bool:
        return not await window.is_known()

    await until(is_out)


@pytest.mark.parametrize(
    "wanted", ["https://evil.example.org/", "//evil.example.org", "/\\evil.example.org", "javascript:alert(1)", ""]
)
async def test_t17_nobody_is_led_to_another_site(window: Window, provider: Provider, wanted: str):
    assert (await window.sign_in(next=wanted)).location == "/"


async def test_t17_nobody_is_made_to_begin(window: Window, provider: Provider):
    refused = await Browser(window.url).post("/sign-in/oidc", form={}, has_csrf_token=False)
    assert refused.status == 403
    for method, path in (("GET", "/sign-in/oidc"), ("HEAD", "/sign-in/oidc/callback")):
        assert (await window.call(method, path)).status == 405
    assert provider.asked == []


async def test_a_new_session_begins(window: Window, provider: Provider):
    """A session that somebody planted, or that was another's, is not gone on with."""
    user = await in_database_thread(lambda: User.objects.create_user("pat", "a long enough phrase"))
    await window.submit("/login", "/login", username="pat", password="a long enough phrase")
    assert (await window.me())["id"] == str(user.id)
    before = {morsel.key: morsel.value for morsel in window.jar}["sessionid"]
    await window.sign_in()
    assert (await window.me())["id"] == str(user_id_of("ada"))
    assert not await in_database_thread(Session.objects.filter(session_key=before).exists)


async def test_signing_out_ends_it_at_the_provider_too(window: Window, provider: Provider):
    await window.sign_in()
    left = await window.submit("/settings/tokens", "/logout")
    assert left.status == 200
    assert left.onward.startswith(f"{provider.url}/end?")
    assert parse_qs(urlsplit(left.onward).query) == {
        "client_id": [CLIENT_ID], "post_logout_redirect_uri": [f"{window.url}/login"],
    }  # fmt: skip
    assert not await window.is_known()
    # Who came in by a password was never there.
    await in_database_thread(lambda: User.objects.create_user("pat", "a long enough phrase"))
    local = Window(window.url)
    await local.submit("/login", "/login", username="pat", password="a long enough phrase")
    assert (await local.submit("/settings/tokens", "/logout")).location == "/login"


async def test_without_a_provider_the_doors_are_not_there(service: Service):
    window = Window(service.url)
    assert "Sign in with" not in (await window.get("/login")).text
    assert (await window.get("/sign-in/oidc")).status == 404
    assert (await window.get("/sign-in/oidc/callback?code=a&state=b")).status == 404
    assert (await window.begin()).status == 404
    assert (await window.get("/sign-in/another")).status == 200, "links are as they were"
