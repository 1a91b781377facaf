"""What an administrator decides of a group: it is resolved, or it may go on unheard. Each is told to the audit log."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Role, User
from foundation.problems import Problem
from monitoring.errors.reading import group_of
from monitoring.models import ErrorGroup


def must_administer(user: User) -> None:
    """A Problem (403) for everybody else."""
    if not user.has_role(Role.ADMIN):
        raise Problem(403, "forbidden", "What is watched of the service is for administrators.")


def resolve(*, group_id: int, by: User, at: datetime) -> ErrorGroup:
    """From open or muted; when it comes again it is open again and told. A Problem: 403, 404, 409."""
    must_administer(by)
    group_of(group_id)
    waiting = ErrorGroup.objects.filter(id=group_id, resolved_at=None)
    if not waiting.update(resolved_at=at, muted_at=None, decided_by=by):
        raise Problem(409, "resolved", "It is resolved already.")
    return group_of(group_id)


def mute(*, group_id: int, by: User, at: datetime) -> ErrorGroup:
    """From open alone; it is counted on, and never told. A Problem: 403, 404, 409."""
    must_administer(by)
    group_of(group_id)
    waiting = ErrorGroup.objects.filter(id=group_id, resolved_at=None, muted_at=None)
    if not waiting.update(muted_at=at, decided_by=by):
        raise Problem(409, "not_open", "Only an error that is open can be muted.")
    return group_of(group_id)
