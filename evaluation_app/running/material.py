"""What a runner must know of its test: the variants, and the cases that it is at."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any, Final, NamedTuple
from uuid import UUID

from accounts.models import User
from evaluation_app.creation.case_scorers import expected_text
from evaluation_app.models import EvaluationCase, EvaluationTest
from evaluation_app.scorers.judging import Check, checks_of
from foundation.database.threads import in_database_thread

CASES_HELD: Final = 1_000


class Case(NamedTuple):
    """A case, opened."""

    input: dict[str, Any]
    checks: tuple[Check, ...]
    expected: Any


class Material:
    """The variants of a test, and its cases as they are needed: a test of very many is never held whole."""

    def __init__(self, test: EvaluationTest, user: User, variants: dict[UUID, dict[str, Any]]) -> None:
        self.test = test
        self.user = user
        self.variants = variants
        """Bodies by variant, in their order."""
        self._cases: OrderedDict[UUID, Case] = OrderedDict()

    @classmethod
    async def of(cls, test_id: UUID) -> Material | None:
        """A test's; None where it is gone."""
        return await in_database_thread(cls._read, test_id)

    @classmethod
    def _read(cls, test_id: UUID) -> Material | None:
        test = EvaluationTest.objects.select_related("user").filter(id=test_id).first()
        if test is None:
            return None
        variants = {variant.id: variant.body for variant in test.variants.order_by("position")}
        return cls(test, test.user, variants)

    async def have(self, case_ids: Iterable[UUID]) -> None:
        """Reads the cases that are not held yet."""
        if missing := [case_id for case_id in set(case_ids) if case_id not in self._cases]:
            self._cases |= await in_database_thread(_cases, missing)
            while len(self._cases) > CASES_HELD:
                self._cases.popitem(last=False)

    def case(self, case_id: UUID) -> Case:
        """A case that `have` was told of."""
        return self._cases[case_id]


def _cases(case_ids: list[UUID]) -> dict[UUID, Case]:
    return {
        case.id: Case(case.input, checks_of(case.scorers) if case.scorers else (), expected_text(case.expected))
        for case in EvaluationCase.objects.filter(id__in=case_ids)
    }
