"""The test whose runs a hidden session holds, for that session's page."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse

from evaluation_app.models import EvaluationTest
from sessions_app.holders import Holder, register


def declare() -> None:
    """To be called when the app is ready."""
    register(holder)


def holder(session_id: UUID) -> Holder | None:
    """The test; who reads its session reads it, too."""
    test = EvaluationTest.objects.alive().filter(session=session_id).only("id", "name").first()
    return Holder(test.name, reverse("evaluation", args=[test.id])) if test else None
