"""The one chain by which a caller becomes known: bearer token (web token or API token), else the browser's session.

HTTP, server-sent events, sockets and REST framework all ask here, so no door is weaker than another.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.bearer import api_tokens, revocation
from accounts.bearer.identity import user_by_claims
from accounts.bearer.scopes import Scope, openers
from accounts.bearer.web_tokens import Claims, TokenRefused, verify
from accounts.models import User
from audit.acts import API_TOKEN, SESSION, WEB_TOKEN
from foundation.cache.remembered import Remembered
from foundation.database.threads import in_database_thread
from foundation.problems import Problem

TRUSTED_FOR = 2.0
"""Seconds that a verified token's user is remembered; rights taken away end within this time."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and by what."""

    user: User
    scopes: frozenset[Scope] | None = None
    """What the API token that was shown may be used for; None for a person's session or a web token, which may all."""
    by: str = SESSION
    """What they came in by, as the audit log says it."""

    def check_scope(self, method: str, path: str) -> None:
        """A 403 problem where the token's scopes do not open this door."""
        if self.scopes is None:
            return
        wanted = openers(method, path)
        if not wanted & self.scopes:
            raise _out_of_scope(wanted)


_callers: Remembered[bytes, Caller] = Remembered()


class _WithSession:
    """What `django.contrib.auth.get_user` looks at."""

    def __init__(self, session: SessionBase) -> None:
        self.session = session


async def authenticate(*, authorization: str, session: SessionBase | None) -> Caller | None:
    """The active user behind these credentials, None without any; raises Problem (401) for a token that fails.

    Where a token is shown, the session is not looked at.
    """
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return await _caller_by_token(token.strip())
    if session is None or not session.session_key:
        return None
    user = await in_database_thread(get_user, _WithSession(session))  # type: ignore[arg-type]
    return Caller(user) if isinstance(user, User) and user.is_active else None


async def _caller_by_token(token: str) -> Caller:
    # The whole token is the key (never a part of it), and it is kept only after it was found to hold.
    fingerprint = hashlib.sha256(token.encode()).digest()
    find = _by_api_token if api_tokens.is_api_token(token) else _by_web_token
    return await _callers.get(fingerprint, lambda: find(token))


async def _by_api_token(secret: str) -> tuple[Caller, float]:
    token = await in_database_thread(api_tokens.token_of, secret)
    if token is None:
        raise _refusal("This API token is unknown, has expired or was revoked.")
    left = token.expires_at.timestamp() - time.time() if token.expires_at else TRUSTED_FOR
    return Caller(token.user, frozenset(map(Scope, token.scopes)), f"{API_TOKEN}{token.id}"), min(TRUSTED_FOR, left)


async def _by_web_token(token: str) -> tuple[Caller, float]:
    try:
        claims = await verify(token)
    except TokenRefused as error:
        raise _refusal(str(error)) from None
    if claims.use != "access":
        raise _refusal("A refresh token opens nothing but the refresh door.")
    user = await in_database_thread(_user_of, claims)
    return Caller(user, by=WEB_TOKEN), min(TRUSTED_FOR, claims.expires_at - time.time())


def _user_of(claims: Claims) -> User:
    if revocation.is_revoked(claims):
        raise _refusal("The token is refused: it was revoked.")
    user = user_by_claims(claims)
    if not user.is_active:
        raise _refusal("This account is deactivated.")
    return user


def _refusal(detail: str) -> Problem:
    return Problem(401, "not_authenticated", detail, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


def _out_of_scope(wanted: frozenset[Scope]) -> Problem:
    names = [scope.value for scope in Scope if scope in wanted]
    said = f"It takes the scope {' or '.join(names)}." if names else "No API token opens it: it is for people."
    told = f'Bearer error="insufficient_scope", scope="{" ".join(names)}"' if names else "Bearer"
    return Problem(
        403, "insufficient_scope", f"This API token may not do that. {said}", headers={"WWW-Authenticate": told}
    )


class PrincipalAuthentication(BaseAuthentication):
    """REST framework's door to the user that the closed door has let in."""

    def authenticate(self, request: Request) -> tuple[User, Any] | None:
        http: HttpRequest = request._request
        principal = getattr(http, "principal", None)
        return (principal, None) if principal else None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
