"""What a view behind the closed door gets."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from accounts.models import User


class SignedInRequest(HttpRequest):
    """A request that the closed door has let in (for type checkers: Django makes the object)."""

    principal: User
    json_body: Any
