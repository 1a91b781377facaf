"""Things shared with people and teams: the rows, and how a list of members becomes them.

A thing's owner is no member: what belongs to somebody needs no row to be seen by them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Team, User
from foundation.problems import FieldError, invalid

Row = TypeVar("Row", bound="Membership")


class MemberRole(models.TextChoices):
    """What a member may do: a viewer reads, an editor changes too. Only owners share and delete."""

    VIEWER = "viewer"
    EDITOR = "editor"


class Membership(models.Model):
    """One person or one team that a thing is shared with."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    user_id: UUID | None
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="+")
    team_id: UUID | None
    role = models.CharField(max_length=10, choices=MemberRole.choices, default=MemberRole.VIEWER)
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, team__isnull=True) | Q(user__isnull=True, team__isnull=False),
                name="%(class)s_is_a_person_or_a_team",
            ),
            models.CheckConstraint(condition=Q(role__in=MemberRole.values), name="%(class)s_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user or self.team} as {self.role}"


def reached(rows: type[Membership], user: User, *, thing: str, editing: bool = False) -> Any:
    """Ids of the things (the column `thing` of `rows`) that `user` is a member of, by themselves or by a team."""
    found: Any = rows._default_manager.filter(Q(user=user) | Q(team__members=user))
    return (found.filter(role=MemberRole.EDITOR) if editing else found).values(thing)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody to share with; exactly one of the two is set."""

    user: User | None
    team: Team | None
    role: str


def resolve_members(entries: Sequence[Mapping[str, Any]], *, by: User, owner_id: UUID) -> list[Member]:
    """The people and teams that `entries` ({user_id | email | team_id, role}) name; a Problem names the entry.

    Teams are those that `by` is in: nobody learns of the others.
    """
    found: list[Member] = []
    errors: list[FieldError] = []
    seen: set[UUID] = set()
    for position, entry in enumerate(entries):
        place = f"members.{position}"
        try:
            member = _member(entry, by, place)
        except _Unknown as unknown:
            errors.append(unknown.error)
            continue
        subject = (member.user or member.team).id  # type: ignore[union-attr]
        if subject == owner_id:
            errors.append(FieldError(place, "is_owner", "The owner needs no share."))
        elif subject in seen:
            errors.append(FieldError(place, "repeated", f"{member.user or member.team} stands in the list twice."))
        seen.add(subject)
        found.append(member)
    if errors:
        raise invalid(errors)
    return found


class _Unknown(Exception):
    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(message)
        self.error = FieldError(field, code, message)


def _member(entry: Mapping[str, Any], by: User, place: str) -> Member:
    role = entry.get("role", MemberRole.VIEWER)
    if team_id := entry.get("team_id"):
        team = Team.objects.filter(id=team_id, members=by).first()
        if team is None:
            raise _Unknown(f"{place}.team_id", "unknown_team", "You are in no such team.")
        return Member(None, team, role)
    if user_id := entry.get("user_id"):
        return Member(_one(User.objects.filter(id=user_id), f"{place}.user_id", "person"), None, role)
    people = User.objects.filter(Q(email__iexact=entry["email"]) | Q(username=entry["email"]))
    return Member(_one(people, f"{place}.email", f"{entry['email']!r}"), None, role)


def _one(people: models.QuerySet[User], place: str, whom: str) -> User:
    found = list(people.filter(is_active=True)[:2])
    if not found:
        raise _Unknown(place, "unknown_user", f"There is no such {whom} here.".replace("such '", "user '"))
    if len(found) > 1:
        raise _Unknown(place, "ambiguous", "More than one account has this address: name the user_id.")
    return found[0]


def replace_members(rows: models.Manager[Row] | Any, members: Iterable[Member]) -> None:
    """Makes `rows` (a thing's related manager) hold exactly `members`; call it within a transaction."""
    wanted = {(member.user and member.user.id, member.team and member.team.id): member for member in members}
    for row in rows.all():
        member = wanted.pop((row.user_id, row.team_id), None)
        if member is None:
            row.delete()
        elif member.role != row.role:
            row.role = member.role
            row.save(update_fields=["role"])
    for member in wanted.values():
        rows.create(user=member.user, team=member.team, role=member.role)


def people_of(rows: Any) -> set[UUID]:
    """The people of `rows` (a thing's related manager, or a query of it), by themselves or by a team."""
    persons = set(rows.filter(user__isnull=False).values_list("user_id", flat=True))
    teams = rows.filter(team__isnull=False).values("team")
    return persons | set(User.objects.filter(teams__in=teams).values_list("id", flat=True))


def teams_of(rows: Any) -> set[UUID]:
    """The teams of `rows`."""
    return set(rows.filter(team__isnull=False).values_list("team_id", flat=True))


def members_json(rows: Iterable[Membership]) -> list[dict[str, Any]]:
    """The members as the API tells them."""
    return [
        {
            "user_id": row.user_id,
            "team_id": row.team_id,
            "name": str(row.user or row.team),
            "email": row.user.email if row.user else None,
            "role": row.role,
        }
        for row in rows
    ]
