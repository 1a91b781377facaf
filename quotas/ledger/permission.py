"""Who sets quotas: administrators all of them, managers of an organisation those of its people and its teams.

Not the organisation's own, which is what it was given; nor a project's, which may be that of several organisations.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import ApiToken, Role, Standing, Team, User
from accounts.teams.roles import manages_organisation, manages_team
from foundation.problems import Problem
from quotas.ledger.telling import whom
from quotas.models import EVERY, SETTABLE, QuotaLimit, SubjectKind

MANAGED: Final = (SubjectKind.USER, SubjectKind.TEAM)
"""What managers set quotas of."""
REFUSED: Final = "Quotas are set by administrators; those of an organisation's people and teams by its managers too."


def may_set(user: User, kind: SubjectKind, subject_id: str) -> bool:
    """Whether `user` sets and sees the quotas of this subject."""
    if user.has_role(Role.ADMIN):
        return True
    if kind not in MANAGED or subject_id == EVERY:
        return False
    try:
        identifier = UUID(subject_id)
    except ValueError:
        return False
    subjects: QuerySet[User] | QuerySet[Team] = (User if kind == SubjectKind.USER else Team).objects.filter(
        id=identifier
    )
    key = subjects.values_list("organisation", flat=True).first()
    return manages_organisation(user, key) if key else False


def may_see(user: User, kind: SubjectKind, subject_id: str) -> bool:
    """Whether `user` sees how this subject stands: whoever sets its quotas, and whoever sees to it."""
    if may_set(user, kind, subject_id):
        return True
    if kind == SubjectKind.ORGANISATION:
        return manages_organisation(user, subject_id)
    if kind == SubjectKind.TEAM:
        return any(manages_team(user, team) for team in Team.objects.filter(id=subject_id))
    if kind == SubjectKind.TOKEN:
        return ApiToken.objects.filter(id=subject_id, user=user).exists()
    return kind == SubjectKind.PROJECT and user.id in whom(kind, subject_id)


def check_may_set(user: User, kind: SubjectKind, subject_id: str) -> None:
    """A Problem (403) where `user` may not; whether there is such a subject is not told."""
    if not may_set(user, kind, subject_id):
        raise Problem(403, "forbidden", REFUSED)


def managed_by(user: User) -> str:
    """The key of the organisation whose people's quotas `user` sets; empty for none."""
    found = User.objects.filter(id=user.id, organisation_role=Standing.MANAGER).values_list("organisation", flat=True)
    return found.first() or ""


def limits_set_by(user: User) -> QuerySet[QuotaLimit]:
    """The limits that `user` may set, and so sees."""
    if user.has_role(Role.ADMIN):
        return QuotaLimit.objects.filter(subject_kind__in=SETTABLE)
    key = managed_by(user)
    if not key:
        return QuotaLimit.objects.none()
    people = [str(pk) for pk in User.objects.filter(organisation=key).values_list("id", flat=True)]
    teams = [str(pk) for pk in Team.objects.filter(organisation=key).values_list("id", flat=True)]
    return QuotaLimit.objects.filter(
        Q(subject_kind=SubjectKind.USER, subject_id__in=people) | Q(subject_kind=SubjectKind.TEAM, subject_id__in=teams)
    )
