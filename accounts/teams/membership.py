"""Teams made, renamed and deleted, and who is in them."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts.models import Organisation, Role, Standing, Team, TeamMember, User
from accounts.teams.roles import (
    check_manages_organisation,
    check_manages_team,
    manages_organisation,
    manages_team,
    teams_seen_by,
)
from foundation.problems import FieldError, Problem, invalid, not_found


def team_seen(user: User, team_id: UUID) -> Team:
    """The team; a Problem (404) for whoever may not know of it."""
    team = teams_seen_by(user).filter(id=team_id).first()
    if team is None:
        raise not_found("The team")
    return team


@transaction.atomic
def make_team(*, name: str, organisation: str, by: User) -> Team:
    """A team without people yet; only administrators make one that is of no organisation."""
    check_manages_organisation(by, organisation)
    if organisation and not Organisation.objects.filter(key=organisation).exists():
        raise invalid([FieldError("organisation", "unknown", "There is no such organisation.")])
    _check_name(name, organisation)
    return Team.objects.create(name=name, organisation=organisation)


@transaction.atomic
def rename_team(*, team_id: UUID, name: str, by: User) -> Team:
    """Gives it another name."""
    team = _held(team_id, by)
    check_manages_team(by, team)
    _check_name(name, team.organisation, but=team)
    team.name = name
    team.save(update_fields=["name"])
    return team


@transaction.atomic
def delete_team(*, team_id: UUID, by: User) -> None:
    """Deletes it; what was shared with it is no longer, and its quotas go."""
    team = _held(team_id, by)
    check_manages_organisation(by, team.organisation)
    team.delete()


@transaction.atomic
def put_into_team(*, team_id: UUID, user_id: UUID, role: Standing, by: User) -> TeamMember:
    """Has somebody in the team, in this role; a team of an organisation takes only its people."""
    team = _held(team_id, by)
    check_manages_team(by, team)
    # The person stays in their organisation until this is done.
    person = User.objects.select_for_update(no_key=True).filter(id=user_id, is_active=True).first()
    if person is None or (team.organisation and person.organisation != team.organisation):
        raise not_found("The person")
    member = TeamMember.objects.filter(team=team, user=person).first()
    if member is None:
        return TeamMember.objects.create(team=team, user=person, role=role)
    if member.role != role:
        if role == Standing.MEMBER:
            _check_not_last(team, person.id, by)
        member.role = role
        member.save(update_fields=["role"])
    return member


@transaction.atomic
def take_from_team(*, team_id: UUID, user_id: UUID, by: User) -> None:
    """Takes somebody out of the team, or oneself; what is shared with the team is theirs no longer."""
    team = _held(team_id, by)
    if user_id != by.id:
        check_manages_team(by, team)
    member = TeamMember.objects.filter(team=team, user_id=user_id).first()
    if member is None:
        raise not_found("The person")
    if member.role == Standing.MANAGER:
        _check_not_last(team, user_id, by)
    member.delete()


def person_named(*, team: Team, named: str, by: User) -> User:
    """Whom a manager means by an exact user name or e-mail; of a team's organisation only its people are known."""
    if not manages_team(by, team):
        raise Problem(403, "forbidden", "This is done by managers of the team.")
    people = User.objects.filter(Q(username=named) | Q(email__iexact=named), is_active=True)
    found = list((people.filter(organisation=team.organisation) if team.organisation else people)[:2])
    if not found:
        raise invalid([FieldError("user", "unknown_user", "Nobody is called so, or has this e-mail.")])
    if len(found) > 1:
        raise invalid([FieldError("user", "ambiguous", "More than one account has this address.")])
    return found[0]


def may_delete(user: User, team: Team) -> bool:
    """Whether `user` may delete the team."""
    return manages_organisation(user, team.organisation)


def _held(team_id: UUID, by: User) -> Team:
    """The team, held for changes: whoever changes who is in it waits for others who do."""
    team_seen(by, team_id)
    team = Team.objects.select_for_update().filter(id=team_id).first()
    if team is None:
        raise not_found("The team")
    return team


def _check_not_last(team: Team, user_id: UUID, by: User) -> None:
    """A team's last manager stays while others are in it, unless somebody above sees to the team."""
    if manages_organisation(by, team.organisation) or by.has_role(Role.ADMIN):
        return
    others = TeamMember.objects.filter(team=team).exclude(user_id=user_id)
    if others.exists() and not others.filter(role=Standing.MANAGER, user__is_active=True).exists():
        raise Problem(409, "last_manager", "The team has no other manager: make somebody one first.")


def _check_name(name: str, organisation: str, *, but: Team | None = None) -> None:
    taken = Team.objects.filter(name=name, organisation=organisation)
    if (taken.exclude(id=but.id) if but else taken).exists():
        raise invalid([FieldError("name", "name_taken", "There is a team of this name.")])
