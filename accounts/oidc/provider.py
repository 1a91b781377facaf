"""The provider as its discovery document describes it (OpenID Connect Discovery 1.0)."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings

from accounts.oidc import calls
from accounts.oidc.errors import ProviderAway
from foundation.cache.remembered import Remembered
from foundation.http.guarded import AddressRefused, check_url

logger = logging.getLogger(__name__)

BELIEVED_FOR: Final = 300.0
"""Seconds that a document is used for."""
AWAY_FOR: Final = 2.0
"""Seconds until a provider that was away is asked again, whoever presses the button meanwhile."""
WELL_KNOWN: Final = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Provider:
    """What is read of the document."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str
    """Empty where it has none."""
    posts_secret: bool
    """Whether the client's secret goes into the form (`client_secret_post`): where a header is not taken."""
    names_itself: bool
    """Whether each of its answers carries `iss` (RFC 9207)."""


_known: Remembered[str, Provider | None] = Remembered(at_most=4)


async def discover() -> Provider:
    """The configured provider; raises ProviderAway."""
    issuer: str = settings.ENV.oidc_issuer
    found = await _known.get(issuer, lambda: _find(issuer))
    if found is None:
        raise ProviderAway
    return found


async def _find(issuer: str) -> tuple[Provider | None, float]:
    try:
        return _provider(await calls.get_json(issuer.rstrip("/") + WELL_KNOWN), issuer), BELIEVED_FOR
    except ProviderAway:
        logger.warning("provider_not_discovered", extra={"reason": "away"})
    except AddressRefused as error:
        logger.warning("provider_not_discovered", extra={"reason": str(error)})
    return None, AWAY_FOR


def _provider(document: dict[str, Any], issuer: str) -> Provider:
    """Raises AddressRefused for a document that is another issuer's, or whose endpoints are none."""
    named = _text(document, "issuer")
    if named.rstrip("/") != issuer.rstrip("/"):
        raise AddressRefused("the document names another issuer than OIDC_ISSUER")
    token_endpoint, jwks_uri = _text(document, "token_endpoint"), _text(document, "jwks_uri")
    for called in (token_endpoint, jwks_uri):
        calls.check_endpoint(called)
    authorization_endpoint, end = _text(document, "authorization_endpoint"), _text(document, "end_session_endpoint")
    for visited in (authorization_endpoint, end):
        # The browser goes there, not we.
        if visited or visited is authorization_endpoint:
            check_url(visited, allow_private=True)
            calls.check_scheme(visited)
    methods = document.get("token_endpoint_auth_methods_supported")
    return Provider(
        issuer=named,
        authorization_endpoint=authorization_endpoint,
        token_endpoint=token_endpoint,
        jwks_uri=jwks_uri,
        end_session_endpoint=end,
        posts_secret=isinstance(methods, list) and "client_secret_basic" not in methods,
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _text(document: dict[str, Any], name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else ""
