"""Who may read `/metrics`: programs that watch the service, by a token or an address of their own, and nobody else.

They are no users: figures are of everybody's use, so that no account and no API token of a person opens them.
"""

from __future__ import annotations

import hmac
import ipaddress
from typing import Final

from django.conf import settings

from foundation.problems import Problem

DOOR: Final = "/metrics"
TURNED_AWAY: Final = Problem(
    401,
    "not_authenticated",
    "Metrics are open to METRICS_TOKEN, as a bearer token, and to the addresses of METRICS_ALLOW.",
    headers={"WWW-Authenticate": 'Bearer realm="metrics"'},
)


def is_let_in(*, authorization: str, address: str) -> bool:
    """Whether the token or the address is one that the environment names; without either nobody is."""
    return _is_token(authorization) or _is_allowed(address)


def _is_token(authorization: str) -> bool:
    token = settings.ENV.metrics_token
    scheme, _, given = authorization.partition(" ")
    if token is None or scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(given.strip().encode(), token.get_secret_value().encode())


def _is_allowed(address: str) -> bool:
    if not settings.ENV.metrics_allow:
        return False
    try:
        caller = ipaddress.ip_address(address)
    except ValueError:
        return False
    caller = getattr(caller, "ipv4_mapped", None) or caller
    return any(caller in ipaddress.ip_network(network) for network in settings.ENV.metrics_allow)
