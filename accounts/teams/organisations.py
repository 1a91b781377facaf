"""What managers do in their organisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import Organisation, Role, Standing, User
from accounts.teams.roles import check_manages_organisation
from foundation.problems import Problem, not_found


def organisation_by(key: str) -> Organisation:
    """The organisation of this key."""
    found = Organisation.objects.filter(key=key).first()
    if found is None:
        raise not_found("The organisation")
    return found


@transaction.atomic
def change_organisation(*, key: str, change: Mapping[str, Any], by: User) -> Organisation:
    """Changes its name and time zone; the zone is one that the database knows."""
    check_manages_organisation(by, key)
    organisation = Organisation.objects.select_for_update().filter(key=key).first()
    if organisation is None:
        raise not_found("The organisation")
    for name, value in change.items():
        setattr(organisation, name, value)
    organisation.save(update_fields=list(change))
    return organisation


@transaction.atomic
def give_organisation_role(*, key: str, user_id: UUID, role: Standing, by: User) -> User:
    """Makes somebody of the organisation its manager, or a member again; its last manager stays one.

    Only administrators may leave an organisation without a manager.
    """
    # Whoever changes roles waits here for others who do: two managers cannot take each other's away at once.
    Organisation.objects.select_for_update().filter(key=key).first()
    check_manages_organisation(by, key)
    person = User.objects.select_for_update(no_key=True).filter(id=user_id, organisation=key).first()
    if person is None:
        raise not_found("The person")
    if person.organisation_role == role:
        return person
    others = User.objects.filter(organisation=key, organisation_role=Standing.MANAGER, is_active=True)
    if role == Standing.MEMBER and not by.has_role(Role.ADMIN) and not others.exclude(id=person.id).exists():
        raise Problem(409, "last_manager", "The organisation has no other manager: make somebody one first.")
    person.organisation_role = role
    person.save(update_fields=["organisation_role"])
    return person
