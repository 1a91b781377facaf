"""Whom somebody means who types a person's name."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from accounts.models import Role, Standing, TeamMember, User
from foundation.problems import FieldError, invalid


def person_named(typed: str, *, field: str, among: QuerySet[User] | None = None) -> User | None:
    """Who has exactly this user name, else this e-mail; None for nobody. A Problem at `field` where several have it:
    what is meant for one must not be done to another.
    """
    people = User.objects.all() if among is None else among
    if not typed:
        return None
    found = list(people.filter(username=typed)) or list(people.filter(email__iexact=typed)[:2])
    if len(found) > 1:
        raise invalid([FieldError(field, "ambiguous", "More than one account has this address: type its user name.")])
    return found[0] if found else None


def is_administrator(user_id: UUID) -> bool:
    """Whether this is one now, who may sign in."""
    found = User.objects.filter(id=user_id, is_active=True).first()
    return found is not None and found.has_role(Role.ADMIN)


def manages_team_as_member(user_id: UUID, team_id: UUID) -> bool:
    """Whether they are one of the team's own managers now: those see whatever is shared with it."""
    found = TeamMember.objects.filter(team_id=team_id, user_id=user_id, role=Standing.MANAGER, user__is_active=True)
    return found.exists()
