"""API tokens: secrets that people make here for programs, shown once; of each only its SHA-256 is kept.

`llmp_`, 43 random letters and digits, and 6 that are their CRC-32: a text that only looks like a token asks no
database, and scanners of leaked secrets can tell one by itself.
"""

from __future__ import annotations

import hashlib
import secrets
import zlib
from collections.abc import Iterable
from datetime import timedelta
from string import ascii_letters, digits
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from accounts.bearer.scopes import Scope
from accounts.models import ApiToken, User
from foundation.problems import FieldError, Problem, invalid, not_found

PREFIX: Final = "llmp_"
MOST_TOKENS: Final = 50
"""That one user may hold at a time."""
USE_NOTED_EVERY: Final = timedelta(minutes=1)

_SIGNS: Final = digits + ascii_letters
_RANDOM, _CHECK = 43, 6


def make(
    *, user: User, name: str, scopes: Iterable[str], expires_in_days: int | None, made_by: User
) -> tuple[ApiToken, str]:
    """A new token and its secret, which nobody can read again; without days it does not expire."""
    now = timezone.now()
    if ApiToken.objects.filter(user=user, name=name, revoked_at=None).exists():
        message = "There is a token of this name: revoke it first, or give this one another."
        raise invalid([FieldError("name", "name_taken", message)])
    if ApiToken.objects.alive(now).filter(user=user).count() >= MOST_TOKENS:
        raise Problem(409, "too_many_tokens", f"There are {MOST_TOKENS} tokens already: revoke what is not used.")
    random = "".join(secrets.choice(_SIGNS) for _ in range(_RANDOM))
    secret = f"{PREFIX}{random}{_check_of(random)}"
    held = set(scopes)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        digest=_digest(secret),
        ending=secret[-4:],
        scopes=[scope.value for scope in Scope if scope in held],
        expires_at=now + timedelta(days=expires_in_days) if expires_in_days else None,
        made_by=made_by,
    )
    return token, secret


def is_api_token(bearer: str) -> bool:
    """Whether a bearer text is meant as one."""
    return bearer.startswith(PREFIX)


def token_of(secret: str) -> ApiToken | None:
    """The living token with this secret, of an active user; its use is noted."""
    random, check = secret[len(PREFIX) : -_CHECK], secret[-_CHECK:]
    if len(random) != _RANDOM or not secret.isascii() or check != _check_of(random):
        return None
    now = timezone.now()
    living = ApiToken.objects.alive(now).select_related("user").filter(digest=_digest(secret), user__is_active=True)
    token = living.first()
    if token is not None:
        noted_before = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
        ApiToken.objects.filter(noted_before, id=token.id).update(last_used_at=now)
    return token


def revoke(*, user: User, token_id: UUID) -> ApiToken:
    """Ends a token of the user's; what it holds open ends within seconds. Harmless when repeated."""
    token = ApiToken.objects.filter(user=user, id=token_id).first()
    if token is None:
        raise not_found("The token")
    ApiToken.objects.filter(id=token.id, revoked_at=None).update(revoked_at=timezone.now())
    token.refresh_from_db()
    return token


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _check_of(random: str) -> str:
    number, signs = zlib.crc32(random.encode()), []
    for _ in range(_CHECK):
        number, left = divmod(number, len(_SIGNS))
        signs.append(_SIGNS[left])
    return "".join(signs)
