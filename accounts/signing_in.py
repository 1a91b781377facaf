"""Every way by which a browser's session is made; passwords are checked under the brake (`foundation.brake`)."""

from __future__ import annotations

import hashlib
import logging
import secrets
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth import authenticate as check_password
from django.contrib.auth import login, logout
from django.core.cache import cache
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from accounts.bearer.identity import user_by_claims, user_id_of
from accounts.bearer.web_tokens import Claims
from accounts.models import SignInLink, User
from accounts.oidc.errors import AccountClosed
from audit.acts import SESSION, Act
from audit.recording import record
from foundation.brake import address_of, braked, forgive
from foundation.cache.lenient import AWAY

logger = logging.getLogger(__name__)

LINK_LIFETIME: Final = timedelta(hours=24)


class WrongCredentials(Exception):
    """Unknown name or wrong password: the answer does not tell which."""


class LinkUnusable(Exception):
    """The sign-in link is unknown, expired or used."""


def verify_password(request: HttpRequest, username: str, password: str) -> User:
    """The active user with this name and password; raises WrongCredentials or TooManyTries."""
    credentials = {"username": username, "password": password}
    with braked(request, credentials) as attempt:
        user = check_password(attempt, **credentials)
    if not isinstance(user, User) or user.is_service:
        logger.info("sign_in_failed")
        sign_in_failed(username)
        raise WrongCredentials
    forgive(request, credentials)
    return user


def sign_in_failed(username: str = "") -> None:
    """Records whose account it was, where there is such a one; never what was typed, which may be a password."""
    meant = User.objects.filter(username=username[:150]).only("id", "organisation").first()
    record(
        act=Act.SIGN_IN_FAILED,
        kind="user",
        object_id=meant.id if meant else "",
        organisation=meant.organisation if meant else "",
    )


def sign_in_with_provider_failed(request: HttpRequest) -> None:
    """Records it, as often for one address as passwords may fail: whoever begins anew has no end of tries."""
    key = f"sign-in-with-provider-failed:{address_of(request)}"
    try:
        cache.add(key, 0, int(settings.AXES_COOLOFF_TIME.total_seconds()))
        is_worth_an_entry = cache.incr(key) <= settings.AXES_FAILURE_LIMIT
    except (*AWAY, ValueError):
        is_worth_an_entry = True
    if is_worth_an_entry:
        sign_in_failed()


def sign_in_with_password(request: HttpRequest, username: str, password: str) -> User:
    """Makes the browser's session of the user with this name and password."""
    user = verify_password(request, username, password)
    _begin_session(request, user, by="password")
    return user


def make_link(user: User, *, now: datetime) -> str:
    """The token of a new one-time sign-in link for `user`."""
    token = secrets.token_urlsafe(32)
    SignInLink.objects.create(token_hash=_digest(token), user=user, expires_at=now + LINK_LIFETIME)
    return token


def sign_in_with_link(request: HttpRequest, token: str) -> User:
    """Makes the browser's session of the link's user, once; raises LinkUnusable."""
    now = timezone.now()
    people = {"user__is_active": True, "user__is_service": False}
    fresh = SignInLink.objects.filter(token_hash=_digest(token), used_at=None, expires_at__gt=now, **people)
    if not fresh.update(used_at=now):
        raise LinkUnusable
    user = SignInLink.objects.select_related("user").get(token_hash=_digest(token)).user
    _begin_session(request, user, by="link")
    return user


def sign_in_by_claims(request: HttpRequest, claims: Claims) -> User:
    """Makes the browser's session of whom a provider's verified token names; raises AccountClosed."""
    closed = Q(is_active=False) | Q(is_service=True)
    if User.objects.filter(closed, id=user_id_of(claims.subject)).exists():
        raise AccountClosed
    user = user_by_claims(claims)
    _begin_session(request, user, by="provider")
    return user


def _begin_session(request: HttpRequest, user: User, *, by: str) -> None:
    """The only place where a session is made, whatever somebody came in by."""
    with transaction.atomic():
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        signed_in(user, by=SESSION)
    logger.info("signed_in", extra={"user_id": str(user.id), "by": by})


def signed_in(user: User, *, by: str) -> None:
    """Records that somebody came in, in their own name: no door knows them yet."""
    record(act=Act.SIGNED_IN, kind="user", object_id=user.id, actor=user.id, organisation=user.organisation, by=by)


def sign_out(request: HttpRequest) -> None:
    """Ends the browser's session."""
    user = request.user
    with transaction.atomic():
        if isinstance(user, User):
            record(
                act=Act.SIGNED_OUT, kind="user", object_id=user.id, actor=user.id, organisation=user.organisation,
                by=SESSION,
            )  # fmt: skip
        logout(request)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
