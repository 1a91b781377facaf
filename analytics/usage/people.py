"""Whose usage somebody may see: their own, that of a team or an organisation that they see to; administrators all."""

from __future__ import annotations

from uuid import UUID

from accounts.models import Role, Team, TeamMember, User
from accounts.teams.membership import team_seen
from accounts.teams.roles import check_manages_organisation, check_manages_team, manages_team, organisation_of
from foundation.problems import not_found


def people_of(
    viewer: User, *, user_id: UUID | None = None, team_id: UUID | None = None, organisation: str | None = None
) -> tuple[UUID, ...] | None:
    """The people whose runs count; None: everybody's. Without a choice, one's own; an administrator's is all.

    Raises Problem (403, 404) for people whose usage is not the viewer's to see.
    """
    found: set[UUID] | None = None
    if team_id is not None:
        team = team_seen(viewer, team_id)
        check_manages_team(viewer, team)
        found = set(TeamMember.objects.filter(team=team).values_list("user_id", flat=True))
    if organisation is not None:
        key = organisation_of(viewer, organisation)
        check_manages_organisation(viewer, key)
        people = set(User.objects.filter(organisation=key).values_list("id", flat=True))
        found = people if found is None else found & people
    if user_id is not None:
        if found is None and not _may_see(viewer, user_id):
            raise not_found("The person")
        found = {user_id} if found is None else found & {user_id}
    if found is None:
        return None if viewer.has_role(Role.ADMIN) else (viewer.id,)
    return tuple(sorted(found))


def _may_see(viewer: User, user_id: UUID) -> bool:
    if user_id == viewer.id:
        return True
    person = User.objects.filter(id=user_id).first()
    if viewer.has_role(Role.ADMIN):
        return person is not None
    if person is None:
        return False
    teams = Team.objects.filter(members=person)
    own = User.objects.filter(id=viewer.id, organisation_role="manager", organisation=person.organisation)
    return (bool(person.organisation) and own.exists()) or any(manages_team(viewer, team) for team in teams)
