"""How rules are set, by whom, and tried."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Role, User
from foundation.context import acting
from foundation.problems import FieldError, Problem, invalid, not_found
from foundation.sealing.encryption import CannotDecrypt
from privacy.masking.looking_up import UNREADABLE, read
from privacy.masking.placeholders import Placeholders
from privacy.masking.rules import Detector, Rules
from privacy.models import MaskingRules


def check_may_edit(user: User) -> None:
    """A Problem (403) for whoever is neither curator nor administrator: no project has an owner here."""
    if not user.has_role(Role.CURATOR):
        raise Problem(403, "forbidden", "Curators and administrators set what is masked.")


def all_rules(*, user: User) -> list[MaskingRules]:
    """Every project's, by its id."""
    check_may_edit(user)
    return list(MaskingRules.objects.select_related("updated_by").order_by("project_id"))


def rules_of(*, user: User, project_id: str) -> MaskingRules:
    """The project's own; a Problem (404) where it has none."""
    check_may_edit(user)
    row = MaskingRules.objects.select_related("updated_by").filter(project_id=project_id).first()
    if row is None:
        raise not_found("A rule of this project")
    return row


def set_rules(*, user: User, project_id: str, rules: Rules) -> tuple[MaskingRules, bool]:
    """The project's rules as they are from now on, and whether it had none before; they hold within seconds."""
    check_may_edit(user)
    if not project_id or len(project_id) > 255 or project_id != project_id.strip():
        message = "A project's id has 1 to 255 characters, and no space around it."
        raise invalid([FieldError("project_id", "invalid", message)])
    try:
        return _written(user, project_id, rules)
    except IntegrityError:  # somebody else gave it its first rules at the same moment
        return _written(user, project_id, rules)


def _written(user: User, project_id: str, rules: Rules) -> tuple[MaskingRules, bool]:
    given: dict[str, Any] = rules.as_json()
    with transaction.atomic(), acting():
        row = MaskingRules.objects.select_for_update().filter(project_id=project_id).first()
        is_new = row is None
        row = row or MaskingRules(project_id=project_id)
        for name, value in given.items():
            if _differs(row, name, value):
                setattr(row, name, value)
        row.updated_by, row.updated_at = user, timezone.now()
        row.save(force_insert=is_new)
    return row, is_new


def _differs(row: MaskingRules, name: str, value: Any) -> bool:
    """What cannot be read is set anew: it would have to be removed else, and nothing masked meanwhile."""
    try:
        return bool(getattr(row, name) != value)
    except CannotDecrypt:
        return True


def readable(row: MaskingRules) -> Rules | None:
    """Its rules for somebody who looks at all; None where they cannot be read."""
    try:
        return row.rules
    except UNREADABLE:
        return None


def remove_rules(*, user: User, project_id: str) -> None:
    """Nothing is masked there any more, but what is for every project; a Problem (404) where it had none."""
    check_may_edit(user)
    if not MaskingRules.objects.filter(project_id=project_id).delete()[0]:
        raise not_found("A rule of this project")


def tried(*, user: User, text: str, rules: Rules | None = None, project_id: str = "") -> dict[str, Any]:
    """What would be sent of a text, what was masked, and what an answer with the same words would come back as."""
    check_may_edit(user)
    detector = read(project_id) if rules is None else Detector(rules)
    if detector is None:
        return {"sent": text, "masked": {}, "restored": text}
    placeholders = Placeholders(detector)
    placeholders.reserve([text])
    sent = placeholders.masked(text)
    return {"sent": sent, "masked": dict(placeholders.counts), "restored": placeholders.restored(sent)}
