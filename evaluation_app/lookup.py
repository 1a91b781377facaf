"""Tests as a user may see them."""

from __future__ import annotations

from uuid import UUID

from accounts.models import User
from evaluation_app.models import EvaluationTest
from foundation.problems import not_found


def visible(user: User, test_id: UUID) -> EvaluationTest:
    """The test; a 404 problem for strangers."""
    found = EvaluationTest.objects.visible_to(user).filter(id=test_id).first()
    if found is None:
        raise not_found("The test")
    return found
