"""How the OpenAPI document names the ways to sign in."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension

BEARER: Final = "An access token of POST /api/auth/token, or of the issuer behind JWT_JWKS_URL."
SESSION: Final = "The browser's session; unsafe calls with it carry X-CSRFToken as well, or are answered with 403."
API_KEY: Final = "The same token, by the header that Anthropic's clients send; below /v1/ only."


class Principal(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """A bearer token, or the browser's session."""

    target_class = "accounts.authentication.PrincipalAuthentication"
    name = ["bearer", "session", "api_key"]

    def get_security_requirement(self, auto_schema: Any) -> Any:
        """One of two is enough: named in one object, both would be asked for. What takes others names them."""
        return [{"bearer": []}, {"session": []}]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        """The schemes, in the order of `name`."""
        return [
            {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": BEARER},
            {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME, "description": SESSION},
            {"type": "apiKey", "in": "header", "name": "X-Api-Key", "description": API_KEY},
        ]
