"""Web tokens that were taken back before their time, by their `jti`; by their whole text where they have none."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from accounts.bearer.web_tokens import LEEWAY, Claims, fingerprint_of_id
from accounts.models import RevokedToken

FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)


def is_revoked(claims: Claims) -> bool:
    """Whether the token was taken back."""
    return RevokedToken.objects.filter(fingerprint=claims.fingerprint).exists()


def revoke(claims: Claims) -> bool:
    """Takes a verified token back; False where somebody had done so before."""
    until = min(claims.expires_at + LEEWAY, FOR_EVER.timestamp())
    given = {"expires_at": datetime.fromtimestamp(until, UTC)}
    return RevokedToken.objects.get_or_create(fingerprint=claims.fingerprint, defaults=given)[1]


def use_up(name: str, *, until: datetime) -> bool:
    """Whether something that counts once is used for the first time; it must have expired by itself at `until`."""
    digest = hashlib.sha256(f"once:{name}".encode()).digest()
    return RevokedToken.objects.get_or_create(fingerprint=digest, defaults={"expires_at": until})[1]


def revoke_by_id(jti: str, *, now: datetime, for_days: int) -> RevokedToken:
    """Takes the issuer's token with this `jti` back, seen or not; it is to have expired in so many days."""
    given = {"expires_at": now + timedelta(days=for_days)}
    return RevokedToken.objects.get_or_create(fingerprint=fingerprint_of_id(jti), defaults=given)[0]
