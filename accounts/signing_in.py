"""Every way by which a browser's session is made, and the brake on guessing.

Tries are counted in PostgreSQL: signing in must not depend on Redis.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.contrib.auth import authenticate as check_password
from django.contrib.auth import login
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import SignInAttempt, SignInLink, User

TRIES = 10
WINDOW = timedelta(minutes=15)
LINK_LIFETIME = timedelta(hours=24)


class WrongCredentials(Exception):
    """Unknown name or wrong password: the answer does not tell which."""


class TooManyTries(Exception):
    """This account or address has tried too often."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many tries. Try again in {retry_after // 60 + 1} minutes.")
        self.retry_after = retry_after


class LinkUnusable(Exception):
    """The sign-in link is unknown, expired or used."""


def verify_password(request: HttpRequest, username: str, password: str) -> User:
    """The active user with this name and password; raises WrongCredentials or TooManyTries."""
    subjects = [f"account:{username.lower()}", f"address:{request.META.get('REMOTE_ADDR', '')}"]
    _brake(subjects, now=timezone.now())
    user = check_password(request, username=username, password=password)
    if not isinstance(user, User):
        raise WrongCredentials
    SignInAttempt.objects.filter(subject=_digest(subjects[0])).delete()
    return user


def sign_in_with_password(request: HttpRequest, username: str, password: str) -> User:
    """Makes the browser's session of the user with this name and password."""
    user = verify_password(request, username, password)
    login(request, user)
    return user


def make_link(user: User, *, now: datetime) -> str:
    """The token of a new one-time sign-in link for `user`."""
    token = secrets.token_urlsafe(32)
    SignInLink.objects.create(token_hash=_digest(token), user=user, expires_at=now + LINK_LIFETIME)
    return token


def sign_in_with_link(request: HttpRequest, token: str) -> User:
    """Makes the browser's session of the link's user, once; raises LinkUnusable."""
    now = timezone.now()
    fresh = SignInLink.objects.filter(token_hash=_digest(token), used_at=None, expires_at__gt=now, user__is_active=True)
    if not fresh.update(used_at=now):
        raise LinkUnusable
    user = SignInLink.objects.select_related("user").get(token_hash=_digest(token)).user
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return user


def _brake(subjects: list[str], *, now: datetime) -> None:
    SignInAttempt.objects.bulk_create([SignInAttempt(subject=_digest(subject), at=now) for subject in subjects])
    for subject in subjects:
        tries = SignInAttempt.objects.filter(subject=_digest(subject), at__gt=now - WINDOW).order_by("at")
        if tries.count() > TRIES:
            oldest = tries.values_list("at", flat=True).first() or now
            raise TooManyTries(int((oldest + WINDOW - now).total_seconds()) + 1)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
