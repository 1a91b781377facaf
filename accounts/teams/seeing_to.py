"""Whom to tell of what is a team's or an organisation's: those who see to it, else those who stand above them."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import Role, Standing, Team, TeamMember, User

MOST: Final = 200
"""People who are told of one event."""


def of_team(team_id: UUID) -> list[UUID]:
    """Its managers, else those of its organisation, else the administrators; nobody of a team that is gone."""
    team = Team.objects.filter(id=team_id).first()
    if team is None:
        return []
    managers = TeamMember.objects.filter(team=team, role=Standing.MANAGER)
    return _some(User.objects.filter(id__in=managers.values("user_id"))) or of_organisation(team.organisation)


def of_organisation(key: str) -> list[UUID]:
    """Its managers, else the administrators."""
    managers = User.objects.filter(organisation=key, organisation_role=Standing.MANAGER)
    return (_some(managers) if key else []) or administrators()


def administrators() -> list[UUID]:
    """Of the installation."""
    return _some(User.objects.filter(Q(roles__contains=[Role.ADMIN]) | Q(is_superuser=True)))


def _some(people: QuerySet[User]) -> list[UUID]:
    return list(
        people.filter(is_active=True, is_service=False).order_by("created_at", "id").values_list("id", flat=True)[:MOST]
    )
