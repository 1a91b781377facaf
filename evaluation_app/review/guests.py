"""Reviewers without an account: a name and a number in a signed cookie, which opens nothing by itself."""

from __future__ import annotations

import uuid
from typing import Final, NamedTuple
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from evaluation_app.review.raters import LONGEST_NAME

COOKIE: Final = "reviewer"
PATH: Final = "/review"
SALT: Final = "evaluation_app.review.guests"
KEPT_FOR: Final = 180 * 86_400
"""Seconds."""


class Guest(NamedTuple):
    """Who somebody says they are; the same person in however many reviews."""

    id: UUID
    name: str


def guest_of(request: HttpRequest) -> Guest | None:
    """Who the cookie says asks; None without one of ours."""
    try:
        told = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=KEPT_FOR)
        return Guest(UUID(told["id"]), str(told["name"])[:LONGEST_NAME])
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        return None


def introduce(response: HttpResponse, name: str) -> Guest:
    """Has the browser remember a new guest of this name."""
    guest = Guest(uuid.uuid4(), name)
    response.set_cookie(
        COOKIE,
        signing.dumps({"id": str(guest.id), "name": name}, salt=SALT),
        max_age=KEPT_FOR,
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return guest
