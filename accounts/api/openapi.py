"""How the OpenAPI document names the ways to sign in."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class Principal(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """A bearer token, or the browser's session."""

    target_class = "accounts.authentication.PrincipalAuthentication"
    name = ["bearer", "session"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        """Both schemes, in the order of `name`."""
        return [
            {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            {"type": "apiKey", "in": "cookie", "name": "sessionid"},
        ]
