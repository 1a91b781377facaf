"""Who is told in the page that a share of a limit is used: whose it is, or who sees to what it is of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID

from accounts.models import ApiToken
from accounts.teams import seeing_to
from events.models import Kind
from events.notifications.writing import notify
from quotas.ledger.setting import name_of
from quotas.models import SubjectKind

Owners = Callable[[str], list[UUID]]
_owners_of_projects: Final[list[Owners]] = []


def projects_owned_by(owners: Owners) -> None:
    """Has `owners` say whose a project is, by its id; to be called when its app is ready."""
    if owners not in _owners_of_projects:
        _owners_of_projects.append(owners)


def tell(*, kind: SubjectKind, subject_id: str, measure: str, period: str, percent: int) -> None:
    """In the transaction that noted the share."""
    people = whom(kind, subject_id)
    figures = {"percent": percent, "measure": measure, "period": period, "of": kind.value}
    if kind == SubjectKind.USER:
        notify(Kind.QUOTA, people=people, payload=figures)
        return
    # A token is called as its owner likes; of a team, an organisation and a project no one person is the owner.
    owner = people[0] if kind == SubjectKind.TOKEN and people else None
    words = {"name": name_of(kind, subject_id), "id": subject_id}
    notify(Kind.QUOTA, people=people, payload=figures, words=words, owner_id=owner)


def whom(kind: SubjectKind, subject_id: str) -> list[UUID]:
    """A person themselves, a token's user, those who see to a team or an organisation, whose a project is; of a project
    that is nobody's, administrators.
    """
    match kind:
        case SubjectKind.USER:
            return [UUID(subject_id)]
        case SubjectKind.TOKEN:
            return list(ApiToken.objects.filter(id=subject_id).values_list("user_id", flat=True))
        case SubjectKind.TEAM:
            return seeing_to.of_team(UUID(subject_id))
        case SubjectKind.ORGANISATION:
            return seeing_to.of_organisation(subject_id)
        case SubjectKind.PROJECT:
            owners = [each for ask in _owners_of_projects for each in ask(subject_id)]
            return owners or seeing_to.administrators()
    return []
