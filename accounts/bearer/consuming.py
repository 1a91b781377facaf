"""What other services tell of people: accounts are made, kept in step, and closed."""

from __future__ import annotations

from typing import Any

from accounts.bearer.identity import user_id_of
from accounts.models import Role, User
from events.intake.consumers import consumes
from events.intake.incoming import Incoming


def register() -> None:
    """To be called when the app is ready."""
    consumes("user.created", _kept_in_step)
    consumes("user.updated", _kept_in_step)
    consumes("user.deleted", _closed)


def person_of(subject: str) -> User:
    """The user that tokens with this subject mean; made where there is none yet, as on first sight."""
    identifier = user_id_of(subject)
    user, _ = User.objects.get_or_create(id=identifier, defaults={"username": f"token:{identifier}", "password": "!"})
    return user


def _kept_in_step(event: Incoming) -> None:
    """Name, address and roles as they are told; what is not told stays."""
    user = person_of(event.needed("user_id"))
    told: dict[str, Any] = {name: value for name in ("email", "name") if (value := event.text(name)[:254])}
    roles = event.value("roles")
    if isinstance(roles, list):
        known = sorted({role for role in roles if isinstance(role, str)} & set(Role.values))
        told |= {"roles": known, "is_staff": bool({Role.CURATOR, Role.ADMIN} & set(known))}
        told |= {"is_superuser": Role.ADMIN in known}
    changed = [name for name, value in told.items() if getattr(user, name) != value]
    for name in changed:
        setattr(user, name, told[name])
    if changed:
        user.save(update_fields=changed)


def _closed(event: Incoming) -> None:
    """Nothing lets them in any more. Where nobody knows them, there is nothing to close."""
    user = User.objects.filter(id=user_id_of(event.needed("user_id")), is_active=True).first()
    if user is not None:
        user.is_active = False
        user.save(update_fields=["is_active"])
