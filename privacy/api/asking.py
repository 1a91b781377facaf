"""Who asks, where only administrators may."""

from __future__ import annotations

from rest_framework.request import Request

from accounts.models import Role, User
from accounts.requests import principal
from foundation.problems import Problem


def administrator(request: Request) -> User:
    """The administrator who asks; a Problem (403) for anybody else."""
    return checked(principal(request))


def checked(user: User) -> User:
    """The user, where they are an administrator."""
    if not user.has_role(Role.ADMIN):
        raise Problem(403, "forbidden", "This is for administrators.")
    return user
