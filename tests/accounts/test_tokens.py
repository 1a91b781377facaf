"""T01, T02, T41: a token lets in whoever it proves, by the configured algorithm alone."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings

from accounts.models import User
from foundation.database.threads import in_database_thread
from tests.cast import Person, new_user
from tests.servers.service import Service
from tests.waiting import until

SECRET = settings.SECRETS.jwt_secret
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC_PEM = RSA_KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)


def claims(**changes: Any) -> dict[str, Any]:
    """Claims that let somebody in."""
    return {"sub": "somebody", "exp": int(time.time()) + 300, **changes}


def by_hand(header: dict[str, Any], payload: dict[str, Any], key: bytes | None) -> str:
    """A token that no library would make."""

    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

    signed = f"{part(json.dumps(header).encode())}.{part(json.dumps(payload).encode())}"
    signature = b"" if key is None else hmac.new(key, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{part(signature)}"


FORGED: dict[str, Callable[[], str]] = {
    "none": lambda: by_hand({"alg": "none", "typ": "JWT"}, claims(), None),
    "None": lambda: by_hand({"alg": "None"}, claims(), None),
    "no signature": lambda: by_hand({"alg": "HS256"}, claims(), None),
    "public key as secret": lambda: by_hand({"alg": "HS256"}, claims(), PUBLIC_PEM),
    "rs256 of a stranger": lambda: jwt.encode(claims(), RSA_KEY, algorithm="RS256"),
    "ps256 label": lambda: by_hand({"alg": "PS256"}, claims(), SECRET.encode()),
    "hs512": lambda: jwt.encode(claims(), SECRET * 2, algorithm="HS512"),
    "crit": lambda: by_hand({"alg": "HS256", "crit": ["x"], "x": 1}, claims(), SECRET.encode()),
    "b64 false": lambda: by_hand({"alg": "HS256", "b64": False, "crit": ["b64"]}, claims(), SECRET.encode()),
    "kid path": lambda: by_hand({"alg": "HS256", "kid": "../../dev/null"}, claims(), b""),
    "jwk in header": lambda: by_hand({"alg": "HS256", "jwk": {"kty": "oct", "k": "AAAA"}}, claims(), b"\0\0\0"),
    "jku in header": lambda: by_hand({"alg": "RS256", "jku": "http://127.0.0.1:9/keys"}, claims(), b"x"),
    "expired": lambda: jwt.encode(claims(exp=int(time.time()) - 120), SECRET),
    "not yet valid": lambda: jwt.encode(claims(nbf=int(time.time()) + 120), SECRET),
    "without exp": lambda: jwt.encode({"sub": "somebody"}, SECRET),
    "without sub": lambda: jwt.encode({"exp": int(time.time()) + 300}, SECRET),
    "empty sub": lambda: jwt.encode(claims(sub=""), SECRET),
    "sub is a number": lambda: by_hand({"alg": "HS256"}, claims(sub=7), SECRET.encode()),
    "exp is text": lambda: by_hand({"alg": "HS256"}, claims(exp="soon"), SECRET.encode()),
    "refresh": lambda: jwt.encode(claims(use="refresh"), SECRET),
    "two parts": lambda: "abc.def",
    "empty": lambda: "",
    "garbage": lambda: "é" * 300,
    "very long": lambda: "a" * 30_000,
}


@pytest.mark.parametrize("name", FORGED)
async def test_t01_a_forged_token_lets_nobody_in(service: Service, name: str):
    token = FORGED[name]()
    answer = await Person(service.url, None).get(
        "/api/auth/me", headers={"Authorization": f"Bearer {token}".encode().decode("latin-1")}
    )
    assert answer.status in (400, 401), answer.body
    if answer.body is not None:
        assert answer.body["code"] in ("not_authenticated", "bad_request")
    assert not await in_database_thread(User.objects.filter(username__startswith="token:").exists)


async def test_a_user_is_made_on_first_sight_and_kept_in_step(service: Service):
    subject = str(uuid.uuid4())
    first = Person(
        service.url,
        None,
        token=jwt.encode(claims(sub=subject, email="a@example.org", name="Ada", roles=["curator", "x"]), SECRET),
    )
    me = (await first.get("/api/auth/me")).body
    assert me == {
        "id": subject, "email": "a@example.org", "name": "Ada", "roles": ["curator"], "organisation": "", "teams": [],
    }  # fmt: skip
    later = Person(
        service.url, None, token=jwt.encode(claims(sub=subject, name="Ada L.", roles=[], org="DADMS"), SECRET)
    )
    me = (await later.get("/api/auth/me")).body
    assert (me["name"], me["email"], me["roles"], me["organisation"]) == ("Ada L.", "a@example.org", ["user"], "DADMS")
    assert await in_database_thread(User.objects.filter(id=subject).count) == 1


async def test_a_subject_that_is_no_uuid_is_always_the_same_user(service: Service):
    people = [
        Person(service.url, None, token=jwt.encode(claims(sub="service/reports", jti=str(n)), SECRET)) for n in range(5)
    ]
    answers = await asyncio.gather(*(person.get("/api/auth/me") for person in people))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body["id"] for answer in answers}) == 1


async def test_t41_two_tokens_with_one_header_are_two_people(service: Service):
    header = {"kid": "k" * 200}
    ids = set()
    for subject in ("one", "two"):
        person = Person(service.url, None, token=jwt.encode(claims(sub=subject), SECRET, headers=header))
        ids.add((await person.get("/api/auth/me")).body["id"])
    assert len(ids) == 2


async def test_t29_a_deactivated_user_is_out_within_seconds(service: Service):
    from tests.waiting import until

    user = await in_database_thread(new_user)
    person = Person(service.url, user)
    assert (await person.get("/api/auth/me")).status == 200
    await in_database_thread(User.objects.filter(id=user.id).update, is_active=False)

    async def out() -> bool:
        return (await person.get("/api/auth/me")).status == 401

    await until(out)


async def test_a_password_gives_tokens_and_a_refresh_token_new_ones(service: Service):
    user = await in_database_thread(User.objects.create_user, "pat", "a long enough phrase")
    nobody = Person(service.url, None)
    answer = await nobody.post("/api/auth/token", {"username": "pat", "password": "a long enough phrase"})
    assert answer.status == 200
    assert answer.body["expires_in"] == 900
    assert (await Person(service.url, None, token=answer.body["access"]).get("/api/auth/me")).body["id"] == str(user.id)
    again = await nobody.post("/api/auth/token/refresh", {"refresh": answer.body["refresh"]})
    assert (await Person(service.url, None, token=again.body["access"]).get("/api/auth/me")).status == 200
    misused = await nobody.post("/api/auth/token/refresh", {"refresh": answer.body["access"]})
    assert misused.status == 401


async def test_t30_a_refresh_token_is_used_once_however_many_race(service: Service):
    await in_database_thread(User.objects.create_user, "racer", "a long enough phrase")
    nobody = Person(service.url, None)
    pair = (await nobody.post("/api/auth/token", {"username": "racer", "password": "a long enough phrase"})).body
    sent = {"refresh": pair["refresh"]}
    answers = await asyncio.gather(*(nobody.post("/api/auth/token/refresh", sent) for _ in range(8)))
    assert sorted(answer.status for answer in answers) == [200] + [401] * 7
    assert "used before" in next(answer.body["detail"] for answer in answers if answer.status == 401)


async def test_t30_a_web_token_of_ones_own_is_taken_back(service: Service):
    users = [
        await in_database_thread(User.objects.create_user, name, "a long enough phrase") for name in ("una", "ulf")
    ]
    nobody = Person(service.url, None)
    pair = (await nobody.post("/api/auth/token", {"username": "una", "password": "a long enough phrase"})).body
    una, ulf = Person(service.url, users[0], token=pair["access"]), Person(service.url, users[1])
    for wrong in (pair["access"], pair["refresh"], "nonsense", ""):
        answer = await ulf.post("/api/auth/token/revoke", {"token": wrong})
        assert (answer.status, answer.body["errors"][0]["field"]) == (400, "token")
    assert (await una.post("/api/auth/token/revoke", {"token": pair["refresh"]})).status == 204
    assert (await nobody.post("/api/auth/token/refresh", {"refresh": pair["refresh"]})).status == 401
    assert (await una.post("/api/auth/token/revoke", {})).status == 204

    async def is_over() -> bool:
        return (await una.get("/api/auth/me")).status == 401

    await until(is_over)


async def test_t16_guessing_is_slowed_down_and_tells_nothing(service: Service):
    await in_database_thread(User.objects.create_user, "victim", "a long enough phrase")
    nobody = Person(service.url, None)
    answers = [
        await nobody.post("/api/auth/token", {"username": name, "password": "guess"})
        for name in ("victim", "nobody-here")
    ]
    assert [answer.status for answer in answers] == [401, 401]
    assert answers[0].body == answers[1].body
    statuses = [
        (await nobody.post("/api/auth/token", {"username": "victim", "password": f"guess {n}"})).status
        for n in range(12)
    ]
    assert statuses[-1] == 429
    right = await nobody.post("/api/auth/token", {"username": "victim", "password": "a long enough phrase"})
    assert right.status == 429
    assert int(right.headers["Retry-After"]) > 0


async def test_a_sign_in_link_works_once(service: Service):
    import aiohttp

    link = await in_database_thread(service.sign_in_link)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        async with browser.get(link) as page:
            assert page.status == 200
            text = await page.text()
        csrf = text.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
        form = {"csrfmiddlewaretoken": csrf}
        async with browser.post(link, data=form, headers={"Origin": service.url}, allow_redirects=False) as entered:
            assert entered.status == 302
        async with browser.get(f"{service.url}/api/auth/me") as me:
            assert (await me.json())["roles"] == ["admin"]
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as other:
        async with other.get(link) as page:
            csrf = (await page.text()).partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
        form = {"csrfmiddlewaretoken": csrf}
        async with other.post(link, data=form, headers={"Origin": service.url}) as refused:
            assert refused.status == 410
        async with other.get(f"{service.url}/api/auth/me") as me:
            assert me.status == 401
