"""A label's protection as the page of versions shows it: by whom, what is asked, and what one may do about it."""

from __future__ import annotations

from typing import Any, Final

from accounts.models import User
from foundation.words import age
from templates_app import lookup
from templates_app.models import LabelProtection, LabelRequest, RequestedAct
from templates_app.versions.protection import approvers, named

LEFT: Final = "somebody who left"


class AskedView:
    """What is asked of a label."""

    def __init__(self, asked: LabelRequest, user: User, *, present: int | None, may_decide: bool) -> None:
        self.id = asked.id
        self.by = str(asked.asked_by or LEFT)
        self.asked_at = asked.asked_at
        self.age = age(asked.asked_at)
        self.reason = asked.reason
        self.is_mine = asked.asked_by_id == user.id
        self.may_decide = may_decide and not self.is_mine
        self.version = asked.version.number if asked.version else None
        self.sentence = _sentence(asked)
        self.older, self.newer = sorted((present or self.version or 0, self.version or 0))

    @property
    def has_difference(self) -> bool:
        """Whether there are two versions to lay beside each other."""
        return bool(self.older and self.older != self.newer)


class ProtectionView:
    """That a label is protected."""

    def __init__(
        self, template: Any, user: User, protection: LabelProtection, asked: LabelRequest | None, *, present: int | None
    ) -> None:
        role = lookup.role_in(template, user)
        self.by = str(protection.protected_by or LEFT)
        self.protected_at = protection.protected_at
        self.age = age(protection.protected_at)
        self.may_ask = lookup.may_change(role) and asked is None
        self.may_unprotect = lookup.may_govern(role)
        may_decide = lookup.may_change(role)
        self.asked = AskedView(asked, user, present=present, may_decide=may_decide) if asked else None
        asks = asked.asked_by_id if asked else user.id
        names = [each["name"] for each in named(approvers(template), but=[asks])]
        self.approvers = ", ".join(names)


def _sentence(asked: LabelRequest) -> str:
    if asked.version is not None:
        return f"Point it at version {asked.version.number}"
    return "Take it away" if asked.act == RequestedAct.REMOVE else "End its protection"
