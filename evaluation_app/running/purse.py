"""What judging one answer may cost, within its test's ceiling."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from uuid import UUID

from evaluation_app.running.store import Reserved, SampleStore, Wish


class Purse:
    """Of one sample: every call sets aside the most that it may cost before it begins."""

    def __init__(
        self, store: SampleStore, sample_id: UUID, execution_id: UUID, *, spent: Decimal, is_kept: bool
    ) -> None:
        self._store = store
        self._sample_id = sample_id
        self._execution_id = execution_id
        self._bound = spent
        """USD spent by this sample that the test's bill has not yet, and set aside."""
        self.is_kept = is_kept
        """Whether the test has a ceiling."""
        self._one_at_a_time = asyncio.Lock()

    async def set_aside(self, cost: Decimal) -> Reserved:
        """Whether a call of so many USD may begin."""
        if not self.is_kept:
            return Reserved.HELD
        async with self._one_at_a_time:
            wanted = self._bound + cost
            became = await self._store.reserve(Wish(self._sample_id, self._execution_id, wanted))
            if became == Reserved.HELD:
                self._bound = wanted
        return became

    def settle(self, set_aside: Decimal, cost: Decimal) -> None:
        """A call for which so much was set aside has cost so much."""
        self._bound += cost - set_aside
