"""What a view behind the closed door gets, and who asks."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from rest_framework.request import Request

from accounts.models import User


class SignedInRequest(HttpRequest):
    """A request that the closed door has let in (for type checkers: Django makes the object)."""

    principal: User
    json_body: Any


def principal(request: Request) -> User:
    """Who asks, in a view of REST framework."""
    user: User = request.user  # type: ignore[assignment]
    return user
