"""The way there, and what the code that comes back is changed for (RFC 6749, 4.1)."""

from __future__ import annotations

import base64
import logging
from typing import Final
from urllib.parse import quote_plus, urlencode

from django.conf import settings

from accounts.oidc import calls
from accounts.oidc.attempt import Attempt
from accounts.oidc.errors import CodeRefused, ProviderAway
from accounts.oidc.provider import Provider

logger = logging.getLogger(__name__)

KNOWN_ERRORS: Final = frozenset(
    {"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type"}
)
"""Of a token endpoint (RFC 6749, 5.2): only these words of it are logged."""


def address(provider: Provider, attempt: Attempt, *, redirect_uri: str) -> str:
    """Where the browser asks for a code."""
    return with_query(
        provider.authorization_endpoint,
        response_type="code",
        client_id=settings.ENV.oidc_client_id,
        redirect_uri=redirect_uri,
        scope=settings.ENV.oidc_scopes,
        state=attempt.state,
        nonce=attempt.nonce,
        code_challenge=attempt.challenge,
        code_challenge_method="S256",
    )


async def redeem(provider: Provider, attempt: Attempt, *, code: str, redirect_uri: str) -> str:
    """The ID token for a code; raises CodeRefused and ProviderAway."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": attempt.verifier,
    }
    headers, client = _credentials(provider)
    status, found = await calls.post_form(provider.token_endpoint, {**form, **client}, headers=headers)
    if status != 200:
        error = (found or {}).get("error")
        reason = error if isinstance(error, str) and error in KNOWN_ERRORS else "other"
        logger.warning("code_not_redeemed", extra={"status": status, "reason": reason})
        raise CodeRefused if 400 <= status < 500 and status != 429 else ProviderAway
    token = (found or {}).get("id_token")
    if not isinstance(token, str):
        logger.warning("code_not_redeemed", extra={"status": status, "reason": "no_id_token"})
        raise CodeRefused
    return token


def with_query(url: str, **parameters: str) -> str:
    """A URL with more parameters than it has."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode(parameters)}"


def _credentials(provider: Provider) -> tuple[dict[str, str], dict[str, str]]:
    """Headers and fields that show who we are: the secret by one way only; a client without one only says its name."""
    client_id, kept = settings.ENV.oidc_client_id, settings.ENV.oidc_client_secret
    if kept is None:
        return {}, {"client_id": client_id}
    secret = kept.get_secret_value()
    if provider.posts_secret:
        return {}, {"client_id": client_id, "client_secret": secret}
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"  # RFC 6749, 2.3.1
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}, {}
