"""Who asks, and by what right: the caller's own token where it is one for others, else this service's.

An API token of ours (`llmp_…`) opens only our own doors and is never passed on. The service's token goes to the
addresses that the operator has set and to no other (T31).
"""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID

from django.conf import settings

JWT: Final = re.compile(r"Bearer [\w-]+\.[\w-]+\.[\w-]+", re.ASCII | re.IGNORECASE)


def headers_for(base_url: str, *, user_id: UUID, authorization: str) -> dict[str, str]:
    """`user-id`, and `Authorization` where there is something to say; `authorization` is the caller's header or ""."""
    headers = {"user-id": str(user_id)}
    if JWT.fullmatch(authorization):
        return headers | {"Authorization": authorization}
    return headers | service_authorization(base_url)


def service_authorization(base_url: str) -> dict[str, str]:
    """This service's own `Authorization`, for an address of the operator's; nothing for any other."""
    token = settings.ENV.service_token
    if token is None or base_url not in settings.ENV.service_urls:
        return {}
    return {"Authorization": f"Bearer {token.get_secret_value()}"}
