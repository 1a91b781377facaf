"""The ID token, judged as OpenID Connect Core (3.1.3.7) says and never as the token says."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

import jwt
from django.conf import settings
from jwt import PyJWK, PyJWKSet

from accounts.bearer.identity import subject_at
from accounts.bearer.key_set import KeysAway, KeySet, KeysUnknown
from accounts.bearer.web_tokens import LEEWAY, Claims, TokenRefused, read_claims
from accounts.oidc import calls
from accounts.oidc.errors import IdTokenRefused, ProviderAway
from accounts.oidc.provider import Provider

logger = logging.getLogger(__name__)

ALGORITHMS: Final = ("RS256", "ES256")
NEEDED: Final = ("iss", "sub", "aud", "exp", "iat", "nonce")


@lru_cache(maxsize=4)
def _key_set(address: str) -> KeySet:
    return KeySet(address, fetch=_fetch)


async def _fetch(address: str) -> list[PyJWK]:
    document = await calls.get_json(address)
    listed = document.get("keys")
    rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    return [key for key in PyJWKSet.from_dict({"keys": rows}).keys if key.public_key_use in ("sig", None)]


async def verify(token: str, *, provider: Provider, nonce: str) -> Claims:
    """Whom the token names; raises IdTokenRefused, and ProviderAway where no key can be had."""
    try:
        key = (await _key_set(provider.jwks_uri).key(jwt.get_unverified_header(token).get("kid"))).key
        payload = jwt.decode(
            token,
            key,
            algorithms=list(ALGORITHMS),
            audience=settings.ENV.oidc_client_id,
            issuer=provider.issuer,
            leeway=LEEWAY,
            options={"require": list(NEEDED)},
        )
        _check_party(payload)
        _check_nonce(payload, nonce)
        claims = read_claims(payload, token, roles=_roles(payload))
    except KeysAway:
        raise ProviderAway from None
    except (KeysUnknown, TokenRefused, jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
        # Their own texts may name what the token says.
        logger.warning("id_token_refused", extra={"reason": type(error).__name__})
        raise IdTokenRefused from None
    return replace(claims, subject=subject_at(provider.issuer, claims.subject))


def _check_party(payload: Mapping[str, Any]) -> None:
    """A token for several must say that we are the one that it was given to."""
    audience, party = payload["aud"], payload.get("azp")
    is_for_several = isinstance(audience, list) and len(audience) > 1
    if (is_for_several or party is not None) and party != settings.ENV.oidc_client_id:
        raise TokenRefused("The token was given to another client.")


def _check_nonce(payload: Mapping[str, Any], nonce: str) -> None:
    told = payload["nonce"]
    if not isinstance(told, str) or not hmac.compare_digest(told.encode(), nonce.encode()):
        raise TokenRefused("The token is not the answer to this sign-in.")


def _roles(payload: Mapping[str, Any]) -> Any:
    """The claim of that very name, else what lies under its parts (`realm_access.roles`)."""
    name: str = settings.ENV.oidc_roles_claim
    if name in payload:
        return payload[name]
    found: Any = payload
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found
