"""An OpenID Connect provider on a socket, which can be told to misbehave; and a window that walks through it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urlencode

import aiohttp
import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from yarl import URL

from tests.cast import CLOCK

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
NAME = "Example & Co"
CLIENT_ID, CLIENT_SECRET = "playground", "a secret: of 100%"


def by_rsa(payload: dict[str, Any]) -> str:
    """As providers sign."""
    return jwt.encode(payload, RSA_KEY, "RS256", {"kid": "rsa"})


@dataclass
class Provider:
    """Whoever comes is `subject`; `claims` change the ID token (None leaves one out), `fails` names what is broken."""

    subject: str = "ada"
    claims: dict[str, Any] = field(default_factory=dict)
    sign: Callable[[dict[str, Any]], str] = by_rsa
    answer: dict[str, str] = field(default_factory=dict)
    """What the callback is told besides or instead."""
    document: dict[str, Any] = field(default_factory=dict)
    fails: set[str] = field(default_factory=set)
    moves: set[str] = field(default_factory=set)
    takes_codes_twice: bool = False
    url: str = ""
    asked: list[str] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    """ID tokens that were given."""
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    async def start(self) -> web.AppRunner:
        """Listens."""
        application = web.Application(middlewares=[self._broken])
        add = application.router.add_route
        add("GET", "/.well-known/openid-configuration", self._discovery)
        add("GET", "/authorize", self._authorize)
        add("POST", "/token", self._token)
        add("GET", "/keys", self._keys)
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    def reset(self) -> None:
        """As new, at its address."""
        fresh = Provider(url=self.url)
        vars(self).update(vars(fresh))

    @property
    def environment(self) -> dict[str, str]:
        """Variables that make it the service's."""
        return {
            "OIDC_ISSUER": self.url,
            "OIDC_CLIENT_ID": CLIENT_ID,
            "OIDC_CLIENT_SECRET": CLIENT_SECRET,
            "OIDC_NAME": NAME,
        }

    @web.middleware
    async def _broken(self, request: web.Request, handler: Any) -> web.StreamResponse:
        name = request.path.rpartition("/")[2]
        self.asked.append(name)
        if name in self.fails:
            return web.Response(status=502, text="canary-of-the-provider")
        if name in self.moves:
            raise web.HTTPTemporaryRedirect("/elsewhere")
        response: web.StreamResponse = await handler(request)
        return response

    async def _discovery(self, request: web.Request) -> web.Response:
        document = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize?tenant=one",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "end_session_endpoint": f"{self.url}/end",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        }
        return web.json_response({**document, **self.document})

    async def _authorize(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        told = {"code": code, "state": asked["state"], **self.answer}
        raise web.HTTPFound(f"{asked['redirect_uri']}?{urlencode(told)}")

    async def _token(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.forms.append(form)
        self.authorizations.append(request.headers.get("Authorization", ""))
        asked = self._codes.get(form["code"]) if self.takes_codes_twice else self._codes.pop(form["code"], None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or asked["redirect_uri"] != form["redirect_uri"] or asked["code_challenge"] != challenge:
            return web.json_response({"error": "invalid_grant", "error_description": "canary"}, status=400)
        return web.json_response({"token_type": "Bearer", "access_token": "canary", "id_token": self._id_token(asked)})

    def _id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        payload = {"iss": self.url, "sub": self.subject, "aud": asked["client_id"], "iat": now, "exp": now + 300}
        payload |= {"nonce": asked["nonce"], "name": "Ada", "email": "ada@example.org", **self.claims}
        self.tokens.append(self.sign({name: value for name, value in payload.items() if value is not None}))
        return self.tokens[-1]

    async def _keys(self, request: web.Request) -> web.Response:
        keys: list[dict[str, Any]] = [
            {**json.loads(RSAAlgorithm.to_jwk(RSA_KEY.public_key())), "kid": "rsa", "alg": "RS256", "use": "sig"},
            {**json.loads(ECAlgorithm.to_jwk(EC_KEY.public_key())), "kid": "ec", "alg": "ES256", "use": "sig"},
        ]
        return web.json_response({"keys": keys})


@dataclass(frozen=True)
class Seen:
    """What a window was answered with."""

    status: int
    location: str
    text: str
    cookies: dict[str, str]
    """Each `Set-Cookie`, by its cookie's name."""
    headers: dict[str, str]

    @property
    def onward(self) -> str:
        """Where the page goes by itself."""
        found = re.search(r'http-equiv="refresh" content="0; url=([^"]*)"', self.text)
        return unescape(found[1]) if found else ""

    @property
    def reason(self) -> str:
        """Why nobody was signed in."""
        found = re.search(r'id="reason">.*?</svg>(.*?)</p>', self.text, re.DOTALL)
        return unescape(found[1]).strip() if found else ""


class Window:
    """A browser with nothing in it, which keeps cookies as browsers do."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.jar = aiohttp.CookieJar(unsafe=True)

    async def call(self, method: str, address: str, form: dict[str, str] | None = None) -> Seen:
        """One call; redirects are not followed."""
        url = URL(address if address.startswith("http") else self.url + address, encoded=True)
        session = aiohttp.ClientSession(cookie_jar=self.jar, timeout=CLOCK)
        async with session, session.request(method, url, data=form, allow_redirects=False) as response:
            cookies = {line.partition("=")[0]: line for line in response.headers.getall("Set-Cookie", [])}
            headers = dict(response.headers)
            return Seen(response.status, headers.get("Location", ""), await response.text(), cookies, headers)

    async def get(self, address: str) -> Seen:
        """GET."""
        return await self.call("GET", address)

    async def submit(self, page: str, to: str, **fields: str) -> Seen:
        """Sends the form that `page` shows, with its CSRF token."""
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', (await self.get(page)).text)
        assert found, page
        return await self.call("POST", to, {"csrfmiddlewaretoken": found[1], **fields})

    async def begin(self, **fields: str) -> Seen:
        """Presses the button of the sign-in page."""
        return await self.submit("/login", "/sign-in/oidc", **fields)

    async def come_back(self, **fields: str) -> str:
        """Begins, signs in at the provider, and says where that one sends it: the callback, not yet called."""
        begun = await self.begin(**fields)
        assert begun.status == 200, begun.text
        return (await self.get(begun.onward)).location

    async def sign_in(self, **fields: str) -> Seen:
        """The whole way; what the callback answers."""
        return await self.get(await self.come_back(**fields))

    async def is_known(self) -> bool:
        """Whether it is signed in."""
        return (await self.get("/api/auth/me")).status == 200

    async def me(self) -> dict[str, Any]:
        """Who it is."""
        return dict(json.loads((await self.get("/api/auth/me")).text))
