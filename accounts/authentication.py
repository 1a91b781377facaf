"""The one chain by which a caller becomes a user: bearer token, else the browser's session.

HTTP, server-sent events, sockets and REST framework all ask here, so no door is weaker than another.
"""

from __future__ import annotations

import hashlib
import time
from typing import Any

from django.contrib.auth import get_user
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.identity import user_by_claims
from accounts.models import User
from accounts.tokens import TokenRefused, verify
from foundation.cache.remembered import Remembered
from foundation.database.threads import in_database_thread
from foundation.problems import Problem

TRUSTED_FOR = 2.0
"""Seconds that a verified token's user is remembered; rights taken away end within this time."""

_users: Remembered[bytes, User] = Remembered()


class _WithSession:
    """What `django.contrib.auth.get_user` looks at."""

    def __init__(self, session: SessionBase) -> None:
        self.session = session


async def authenticate(*, authorization: str, session: SessionBase | None) -> User | None:
    """The active user behind these credentials, None without any; raises Problem (401) for a token that fails.

    Where a token is shown, the session is not looked at.
    """
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return await _user_by_token(token.strip())
    if session is None or not session.session_key:
        return None
    user = await in_database_thread(get_user, _WithSession(session))  # type: ignore[arg-type]
    return user if isinstance(user, User) and user.is_active else None


async def _user_by_token(token: str) -> User:
    # The whole token is the key (never a part of it), and it is kept only after its signature held.
    fingerprint = hashlib.sha256(token.encode()).digest()
    return await _users.get(fingerprint, lambda: _verified(token))


async def _verified(token: str) -> tuple[User, float]:
    try:
        claims = await verify(token)
    except TokenRefused as error:
        raise _refusal(str(error)) from None
    if claims.use != "access":
        raise _refusal("A refresh token opens nothing but the refresh door.")
    user = await in_database_thread(user_by_claims, claims)
    if not user.is_active:
        raise _refusal("This account is deactivated.")
    return user, min(TRUSTED_FOR, claims.expires_at - time.time())


def _refusal(detail: str) -> Problem:
    return Problem(401, "not_authenticated", detail, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


class PrincipalAuthentication(BaseAuthentication):
    """REST framework's door to the user that the closed door has let in."""

    def authenticate(self, request: Request) -> tuple[User, Any] | None:
        http: HttpRequest = request._request
        principal = getattr(http, "principal", None)
        return (principal, None) if principal else None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
