"""Who may do what in an organisation and in a team; every door asks here.

Roles are read from the database each time: a caller may be one of some seconds ago.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from accounts.models import Role, Standing, Team, TeamMember, User
from foundation.problems import Problem, not_found


def manages_organisation(user: User, key: str) -> bool:
    """Whether `user` sees to this organisation: its managers do, and administrators."""
    now = User.objects.filter(id=user.id, is_active=True)
    if user.has_role(Role.ADMIN):
        return now.filter(Q(roles__contains=[Role.ADMIN]) | Q(is_superuser=True)).exists()
    return bool(key) and now.filter(organisation=key, organisation_role=Standing.MANAGER).exists()


def manages_team(user: User, team: Team) -> bool:
    """Whether `user` sees to this team: its managers do, and whoever sees to its organisation."""
    is_its_manager = TeamMember.objects.filter(team=team, user=user, role=Standing.MANAGER).exists()
    return is_its_manager or manages_organisation(user, team.organisation)


def teams_seen_by(user: User) -> QuerySet[Team]:
    """Those that `user` is in; those of their organisation to its managers; all of them to administrators."""
    if user.has_role(Role.ADMIN):
        return Team.objects.all()
    seen = Q(id__in=TeamMember.objects.filter(user=user).values("team_id"))
    key = User.objects.filter(id=user.id, organisation_role=Standing.MANAGER).values_list("organisation").first()
    return Team.objects.filter(seen | Q(organisation=key[0]) if key and key[0] else seen)


def check_manages_organisation(user: User, key: str) -> None:
    """A Problem (403) where `user` does not see to this organisation."""
    if not manages_organisation(user, key):
        raise Problem(403, "forbidden", "This is done by managers of the organisation.")


def check_manages_team(user: User, team: Team) -> None:
    """A Problem (403) where `user` does not see to this team."""
    if not manages_team(user, team):
        raise Problem(403, "forbidden", "This is done by managers of the team.")


def own_organisation(user: User) -> str:
    """The key of the organisation that `user` is of; empty for none."""
    return User.objects.filter(id=user.id).values_list("organisation", flat=True).first() or ""


def organisation_of(user: User, asked: str = "") -> str:
    """The key of the organisation that is meant: one's own; administrators name another. A Problem (404) for none."""
    own = own_organisation(user)
    key = asked or own
    if not key or (key != own and not user.has_role(Role.ADMIN)):
        raise not_found("The organisation")
    return key
