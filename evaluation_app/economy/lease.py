"""Who puts a test's samples into batches: one at a time, by a row count, for as long as it goes on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from evaluation_app.models import EvaluationTest

LASTS: Final = timedelta(minutes=1)
"""Of each batch; who dies within it is followed by another."""


class Lease:
    """Of one test, for a minute: two who enlist at once prepare the same thousands of requests twice."""

    def __init__(self, test_id: UUID, until: datetime) -> None:
        self._test_id = test_id
        self._until = until

    @classmethod
    def taken(cls, test_id: UUID) -> Lease | None:
        """The lease; None where somebody else has it."""
        free = Q(enlisting_until=None) | Q(enlisting_until__lt=timezone.now())
        until = timezone.now() + LASTS
        moved = EvaluationTest.objects.filter(free, id=test_id).update(enlisting_until=until)
        return cls(test_id, until) if moved else None

    def renew(self) -> None:
        """For a minute from now."""
        until = timezone.now() + LASTS
        if self._mine().update(enlisting_until=until):
            self._until = until

    def let_go(self) -> None:
        """Lets others have it."""
        self._mine().update(enlisting_until=None)

    def _mine(self) -> QuerySet[EvaluationTest]:
        return EvaluationTest.objects.filter(id=self._test_id, enlisting_until=self._until)
