"""RS256 and ES256 by JWT_JWKS_URL: keys are fetched rarely, and a flood of unknown ones changes nothing (T02)."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.utils import timezone
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from accounts.bearer import key_set as accounts_keys
from accounts.bearer.revocation import revoke_by_id
from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.servers.service import Service, Web
from tests.waiting import until

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
ISSUER, AUDIENCE = "https://dadms.example.org", "playground"


class KeySet:
    """The issuer's key set on a socket; counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.fails = False

    async def answer(self, request: web.Request) -> web.Response:
        """The public keys."""
        self.asked += 1
        if self.fails:
            return web.Response(status=500)
        keys: list[dict[str, Any]] = [
            {**json.loads(RSAAlgorithm.to_jwk(RSA_KEY.public_key())), "kid": "rsa", "alg": "RS256", "use": "sig"},
            {**json.loads(ECAlgorithm.to_jwk(EC_KEY.public_key())), "kid": "ec", "alg": "ES256", "use": "sig"},
        ]
        return web.json_response({"keys": keys})


@pytest.fixture
async def key_set() -> AsyncIterator[tuple[KeySet, str]]:
    """A key set, and where it stands."""
    keys = KeySet()
    application = web.Application()
    application.router.add_get("/keys", keys.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield keys, f"http://127.0.0.1:{runner.addresses[0][1]}/keys"
    await runner.cleanup()


@pytest.fixture
async def issued_elsewhere(service: Service, key_set: tuple[KeySet, str]) -> AsyncIterator[Web]:
    """A web process that trusts the key set."""
    settings = {"JWT_JWKS_URL": key_set[1], "JWT_ISSUER": ISSUER, "JWT_AUDIENCE": AUDIENCE}
    process = await asyncio.to_thread(Web, {**service.environment, **settings})
    yield process
    await asyncio.to_thread(process.stop)


def token(key: Any = RSA_KEY, algorithm: str = "RS256", kid: str = "rsa", **changes: Any) -> str:
    """A token of the issuer."""
    payload = {"sub": "ada", "exp": int(time.time()) + 300, "iss": ISSUER, "aud": AUDIENCE, **changes}
    return jwt.encode(
        {name: value for name, value in payload.items() if value is not None}, key, algorithm, {"kid": kid}
    )


async def status(process: Web, bearer: str) -> int:
    """What `GET /api/auth/me` answers to a bearer."""
    return (await Person(process.url, None, token=bearer).get("/api/auth/me")).status


async def test_t02_the_issuers_tokens_let_in_and_others_do_not(issued_elsewhere: Web):
    assert await status(issued_elsewhere, token()) == 200
    assert await status(issued_elsewhere, token(EC_KEY, "ES256", "ec")) == 200
    assert await status(issued_elsewhere, token(iss="https://evil.example.org")) == 401
    assert await status(issued_elsewhere, token(iss=None)) == 401
    assert await status(issued_elsewhere, token(aud="another")) == 401
    assert await status(issued_elsewhere, token(aud=None)) == 401
    assert await status(issued_elsewhere, token(rsa.generate_private_key(public_exponent=65537, key_size=2048))) == 401
    assert await status(issued_elsewhere, token(RSA_KEY, "PS256")) == 401
    # Neither our own secret nor a public key used as one.
    from django.conf import settings

    assert await status(issued_elsewhere, token(settings.SECRETS.jwt_secret, "HS256")) == 401


async def test_t02_a_flood_of_unknown_keys_asks_the_issuer_rarely(issued_elsewhere: Web, key_set: tuple[KeySet, str]):
    keys, _ = key_set
    good = token()
    assert await status(issued_elsewhere, good) == 200
    keys.fails = True
    flood = [token(kid=f"unknown-{number}", jti=str(number)) for number in range(60)]
    statuses = await asyncio.gather(*(status(issued_elsewhere, bearer) for bearer in flood))
    assert set(statuses) == {401}
    assert keys.asked <= 3
    assert await status(issued_elsewhere, token(jti="another")) == 200


async def test_t02_keys_that_are_known_outlive_the_issuer_and_new_ones_come_by_themselves(key_set: tuple[KeySet, str]):
    """Signed-in people do not wait for an issuer that is away, and nobody asks it more than once a minute."""
    keys, address = key_set
    known = accounts_keys.KeySet(address)
    assert str((await known.key("rsa")).key_id) == "rsa"
    assert keys.asked == 1
    keys.fails = True
    for _ in range(20):
        with pytest.raises(accounts_keys.KeysUnknown):
            await known.key("other")
    assert keys.asked == 1, "a minute has not gone by"
    known._asked_at -= accounts_keys.ASKED_EVERY
    for _ in range(20):
        with pytest.raises(accounts_keys.KeysUnknown):
            await known.key("other")
    assert keys.asked == 2, "an issuer that fails is asked no more often than one that answers"
    # Past their freshness the known keys still let in, without waiting.
    known._asked_at -= accounts_keys.ASKED_EVERY
    known._fetched_at -= accounts_keys.FRESH_FOR
    assert str((await known.key("ec")).key_id) == "ec"
    known._fetched_at -= accounts_keys.BELIEVED_FOR
    with pytest.raises(accounts_keys.KeysUnknown):
        await known.key("ec")
    keys.fails = False
    known._asked_at -= accounts_keys.ASKED_EVERY
    both = await asyncio.gather(*(known.key("ec") for _ in range(20)))
    assert {str(key.key_id) for key in both} == {"ec"}
    assert keys.asked == 4, "all waited for one fetch"


async def test_t02_an_issuers_token_is_taken_back_by_its_jti(issued_elsewhere: Web):
    taken, kept = token(jti="one"), token(jti="two")
    assert await status(issued_elsewhere, taken) == 200
    await in_database_thread(lambda: revoke_by_id("one", now=timezone.now(), for_days=1))

    async def is_over() -> bool:
        return await status(issued_elsewhere, taken) == 401

    await until(is_over)
    assert await status(issued_elsewhere, token(jti="one", name="Again")) == 401
    assert await status(issued_elsewhere, kept) == 200


async def test_our_own_token_doors_are_shut_when_tokens_come_from_elsewhere(issued_elsewhere: Web):
    answer = await Person(issued_elsewhere.url, None).post("/api/auth/token", {"username": "a", "password": "b"})
    assert (answer.status, answer.body["code"]) == (403, "tokens_issued_elsewhere")
