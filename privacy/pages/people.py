"""What people are called on these pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from accounts.models import User


def names_of(ids: Iterable[UUID | None]) -> Mapping[UUID | None, str]:
    """Names by id; those who are not there any more are left out."""
    return {user.id: str(user) for user in User.objects.filter(id__in={each for each in ids if each})}
