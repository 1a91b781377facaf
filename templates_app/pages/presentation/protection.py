"""A label's protection as the page of versions shows it: by whom, what is asked, and what one may do about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from accounts.models import User
from foundation.words import age
from templates_app import lookup
from templates_app.models import LabelProtection, LabelRequest, Measure, RequestedAct, RequestStatus
from templates_app.versions.label_requests import requests_of
from templates_app.versions.protection import first_approvers, named, protections_of

LEFT: Final = "somebody who left"
MOST_DECIDED: Final = 100


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
        self,
        template: Any,
        user: User,
        protection: LabelProtection,
        asked: LabelRequest | None,
        *,
        present: int | None,
        people: Iterable[User],
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
        names = [each["name"] for each in named(people, but=asks)]
        self.approvers = ", ".join(names)


def protections(template: Any, user: User, numbers: Mapping[str, int]) -> dict[str, ProtectionView]:
    """Of every protected label; `numbers` are the versions that labels point at."""
    found = protections_of(template)
    people = first_approvers(template) if found else []
    return {
        each.name: ProtectionView(template, user, each, asked, present=numbers.get(each.name), people=people)
        for each, asked in found
    }


class DecidedRow:
    """What was asked and is decided, as the label's history shows it."""

    def __init__(self, asked: LabelRequest) -> None:
        self.status = asked.get_status_display().lower()
        self.sentence = _sentence(asked)
        self.asked_by, self.decided_by = str(asked.asked_by or LEFT), str(asked.decided_by or LEFT)
        self.reason, self.decision = asked.reason, asked.decision
        self.decided_at = asked.decided_at
        self.age = age(asked.decided_at) if asked.decided_at else ""


def decided_of(template: Any, label: str) -> list[DecidedRow]:
    """What was asked of a label and made no move, newest first: moves stand among the moves."""
    found = requests_of(template, label).exclude(status=RequestStatus.OPEN)
    found = found.exclude(status=RequestStatus.APPROVED, act__in=(RequestedAct.MOVE, RequestedAct.REMOVE))
    return [DecidedRow(each) for each in found[:MOST_DECIDED]]


def _sentence(asked: LabelRequest) -> str:
    if asked.act == RequestedAct.SPLIT and asked.version is not None:
        measure = Measure(asked.terms["measure"]).label.lower()
        then = "; move the label to it when it is better" if asked.terms["promotes"] else ""
        return f"Send {asked.terms['share']} % of the calls to version {asked.version.number}, to see {measure}{then}"
    if asked.version is not None:
        return f"Point it at version {asked.version.number}"
    return "Take it away" if asked.act == RequestedAct.REMOVE else "End its protection"
