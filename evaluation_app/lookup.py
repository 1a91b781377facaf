"""Tests as a user may see them, and what the user is to them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from accounts.models import User
from accounts.sharing import reached
from evaluation_app.models import EvaluationMember, EvaluationTest
from foundation.problems import Problem, not_found


def visible(user: User, test_id: UUID) -> EvaluationTest:
    """The test; a 404 problem for strangers."""
    found = EvaluationTest.objects.visible_to(user).filter(id=test_id).first()
    if found is None:
        raise not_found("The test")
    return found


def editable(user: User, test_id: UUID) -> EvaluationTest:
    """The test for its owner and editors; a 403 problem for viewers, a 404 one for strangers."""
    found = visible(user, test_id)
    if role_in(found, user) == "viewer":
        raise Problem(403, "forbidden", "You may read this test, not change it.")
    return found


def governed(user: User, test_id: UUID) -> EvaluationTest:
    """The test for its owner; a 403 problem for those it is shared with, a 404 one for strangers."""
    found = visible(user, test_id)
    if role_in(found, user) != "owner":
        raise Problem(403, "forbidden", "Only its owner may do this with the test.")
    return found


def role_in(test: EvaluationTest, user: User) -> str:
    """owner, editor or viewer; of a visible test."""
    return roles_in([test], user)[test.id]


def roles_in(tests: Iterable[EvaluationTest], user: User) -> dict[UUID, str]:
    """What `user` is to each of these visible tests."""
    there = list(tests)
    others = [test.id for test in there if test.user_id != user.id]
    rows = reached(EvaluationMember, user, thing="test_id", editing=True).filter(test__in=others)
    edited = set(rows.values_list("test_id", flat=True)) if others else set()
    return {
        test.id: "owner" if test.user_id == user.id else "editor" if test.id in edited else "viewer" for test in there
    }
