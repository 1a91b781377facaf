"""One sign-in under way: what its callback must know, in a signed cookie of the browser that began it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Final, Self

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.bearer import revocation

COOKIE: Final = "oidc"
PATH: Final = "/sign-in/oidc"
LIFETIME: Final = timedelta(minutes=10)
LONGEST_ADDRESS: Final = 1_500
"""Of the page to go on to: a cookie has 4 KiB."""
_SALT: Final = "accounts.oidc.attempt"


@dataclass(frozen=True, slots=True)
class Attempt:
    """`state` ties the callback to this browser, `nonce` the ID token, `verifier` the code (PKCE)."""

    state: str
    nonce: str
    verifier: str
    wanted: str
    """The page of ours to go on to."""

    @classmethod
    def begin(cls, *, wanted: str) -> Self:
        """A new one."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(state, nonce, verifier, wanted if len(wanted) <= LONGEST_ADDRESS else "")

    @classmethod
    def of(cls, request: HttpRequest) -> Self | None:
        """The one that this callback ends; None where the browser has none, or `state` is not its own."""
        try:
            found = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=LIFETIME)
        except signing.BadSignature:
            return None
        attempt = cls(**found)
        told = request.GET.get("state", "")
        return attempt if hmac.compare_digest(told.encode(), attempt.state.encode()) else None

    @property
    def challenge(self) -> str:
        """The S256 challenge of the verifier (RFC 7636, 4.2)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def use_up(self) -> bool:
        """Whether this is the first callback that ends it, whatever became of the cookie; uses the database."""
        return revocation.use_up(f"oidc:{self.state}", until=timezone.now() + LIFETIME)

    def keep(self, response: HttpResponse) -> None:
        """Gives it to the browser, where the latest counts. A callback is a visit: Lax lets the cookie come along."""
        response.set_cookie(
            COOKIE,
            signing.dumps(asdict(self), salt=_SALT),
            max_age=LIFETIME,
            path=PATH,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def forget(response: HttpResponse) -> None:
    """Takes it from the browser."""
    response.delete_cookie(COOKIE, path=PATH, samesite="Lax")
