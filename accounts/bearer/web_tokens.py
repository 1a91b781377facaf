"""Bearer tokens: JSON Web Tokens (RFC 7519) verified as the configuration says, never as the token says."""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jwt
from django.conf import settings

from accounts.bearer.key_set import KeySet, KeysUnknown
from foundation import json_values
from foundation.problems import Problem

LEEWAY = 60
"""Seconds that the clocks of issuer and service may differ by."""
ACCESS_LIFETIME = 15 * 60
REFRESH_LIFETIME = 24 * 3600
OUR_ISSUER = "llm-playground"


class TokenRefused(Exception):
    """The token does not let anybody in; the message is safe to show."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What is read of a verified token."""

    subject: str
    expires_at: float
    issuer: str
    email: str
    name: str
    roles: tuple[str, ...] | None
    organisation: str
    use: str
    fingerprint: bytes
    """SHA-256 of the token's `jti`, or of the whole token where it has none."""


@lru_cache(maxsize=1)
def _key_set() -> KeySet:
    return KeySet(str(settings.ENV.jwt_jwks_url))


def fingerprint_of_id(jti: str) -> bytes:
    """What a token with this `jti` is known by."""
    return hashlib.sha256(f"jti:{jti}".encode()).digest()


def _decode(token: str, key: Any) -> dict[str, Any]:
    env = settings.ENV
    # A token of our own carries our issuer and no audience; a foreign one must carry what is configured.
    return jwt.decode(
        token,
        key,
        algorithms=list(env.verification_algorithms),
        audience=env.jwt_audience,
        issuer=env.jwt_issuer,
        leeway=LEEWAY,
        options={"require": ["exp", "sub"], "verify_aud": bool(env.jwt_audience), "verify_iss": bool(env.jwt_issuer)},
    )


def _text(payload: dict[str, Any], *names: str) -> str:
    return next((value for name in names if isinstance(value := payload.get(name), str) and value), "")


def read_claims(payload: dict[str, Any], token: str, *, roles: Any) -> Claims:
    """What is read of a payload whose token holds; raises TokenRefused for what cannot be stored."""
    jti = payload.get("jti")
    if not payload["sub"]:
        raise TokenRefused("The token names nobody.")
    try:
        json_values.check(payload)
        json.dumps(payload, ensure_ascii=False).encode()
    except (Problem, UnicodeEncodeError):
        raise TokenRefused("The token is refused: it holds what cannot be stored.") from None
    return Claims(
        subject=payload["sub"],
        expires_at=float(payload["exp"]),
        issuer=_text(payload, "iss"),
        email=_text(payload, "email")[:254],
        name=_text(payload, "name", "preferred_username")[:255],
        roles=tuple(role for role in roles if isinstance(role, str)) if isinstance(roles, list) else None,
        organisation=_text(payload, "org")[:255],
        use=_text(payload, "use") or "access",
        fingerprint=fingerprint_of_id(jti) if isinstance(jti, str) and jti else hashlib.sha256(token.encode()).digest(),
    )


async def verify(token: str) -> Claims:
    """The claims of a token that holds; raises TokenRefused."""
    try:
        if settings.ENV.jwt_jwks_url:
            key: Any = (await _key_set().key(jwt.get_unverified_header(token).get("kid"))).key
        else:
            key = settings.SECRETS.jwt_secret
        payload = _decode(token, key)
        return read_claims(payload, token, roles=payload.get("roles"))
    except KeysUnknown:
        raise TokenRefused("The token is refused: its key is not one of the issuer's.") from None
    except jwt.PyJWTError as error:
        raise TokenRefused(f"The token is refused: {_reason(error)}.") from None
    except (ValueError, TypeError, OverflowError, RecursionError):
        # A header or claims that PyJWT did not expect: `exp` beyond all numbers, a thousand lists in each other.
        raise TokenRefused("The token is refused: its form does not hold.") from None


def _reason(error: jwt.PyJWTError) -> str:
    match error:
        case jwt.ExpiredSignatureError():
            return "it has expired"
        case jwt.ImmatureSignatureError():
            return "it is not valid yet"
        case jwt.InvalidIssuerError():
            return "its issuer is not the expected one"
        case jwt.InvalidAudienceError():
            return "it is meant for another audience"
        case jwt.MissingRequiredClaimError():
            return f"it lacks the claim {error.claim}"
        case _:
            return "its signature or form does not hold"


def issue(subject: str, *, use: str, lifetime: int, now: float | None = None) -> str:
    """A token of our own, signed with JWT_SECRET (HS256)."""
    at = int(time.time() if now is None else now)
    env = settings.ENV
    payload = {"sub": subject, "iat": at, "exp": at + lifetime, "iss": env.jwt_issuer or OUR_ISSUER, "use": use}
    payload["jti"] = uuid.uuid4().hex
    if env.jwt_audience:
        payload["aud"] = env.jwt_audience
    return jwt.encode(payload, settings.SECRETS.jwt_secret, algorithm="HS256")
