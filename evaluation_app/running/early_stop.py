"""Looking at a test on its way: whether every difference that was planned is shown, so that the rest need not be asked.

Looked at are the finished blocks from the first on, each once: what happens to have ended further on says that it was
quick, and quick answers are no fair sample. Of a cluster all cases count together, once the last of them is there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import groupby
from uuid import UUID

from django.db.models import Min

from evaluation_app.models import EvaluationTest
from evaluation_app.statistics.comparing import planned_pairs
from evaluation_app.statistics.early_stopping import Betting, difference_of_blocks
from evaluation_app.statistics.permutation import CASES_FOR_A_VERDICT

Passes = dict[UUID, list[bool]]
"""By variant, of one case."""


@dataclass(slots=True)
class Watched:
    """One difference: what was bet on it, and the cluster that is not whole yet."""

    a: UUID
    b: UUID
    bets: Betting
    cluster: list[float] = field(default_factory=list)

    def add(self, case: Passes) -> None:
        """One more case of the cluster; one that a side has no judged answer of says nothing."""
        ours, theirs = case.get(self.a), case.get(self.b)
        if ours and theirs:
            self.cluster.append(sum(theirs) / len(theirs) - sum(ours) / len(ours))

    def close(self) -> None:
        """The cluster is whole."""
        if self.cluster:
            self.bets = self.bets.after(math.fsum(self.cluster) / len(self.cluster))
            self.cluster = []

    @property
    def is_shown(self) -> bool:
        """Whether the verdict would say so, at this look and at any later one."""
        interval = self.bets.interval
        is_off_zero = interval is not None and (interval.low > 0 or interval.high < 0)
        return is_off_zero and self.bets.excludes() and self.bets.blocks >= CASES_FOR_A_VERDICT


class EarlyStop:
    """What one process has seen of a test so far. Of those that work on it only the first to come looks."""

    def __init__(self, test: EvaluationTest, claim_id: UUID) -> None:
        self._test, self._claim_id = test, claim_id
        self._block = 0
        self._cluster = ""
        self._variants = 0
        self._watched: list[Watched] = []

    def look(self) -> bool:
        """Whether the test can stop. Reads the database: call it from a thread."""
        claims = self._test.claims.order_by("created_at", "id").values_list("id", flat=True)
        if claims.first() != self._claim_id:
            return False
        for cluster, case in self._finished():
            self._add(cluster, case)
        return bool(self._watched) and all(watched.is_shown for watched in self._watched)

    def _add(self, cluster: str, case: Passes) -> None:
        is_another = not cluster or cluster != self._cluster
        for watched in self._watched:
            if is_another:
                watched.close()
            watched.add(case)
            if not cluster:
                watched.close()
        self._cluster = cluster
        self._block += 1

    def _finished(self) -> list[tuple[str, Passes]]:
        """Blocks that have ended since the last look, in their order, up to the first that has not."""
        if not self._watched:
            self._begin()
        first_open = self._test.cases.filter(open_samples__gt=0).aggregate(block=Min("block"))["block"]
        rows = self._test.totals.filter(block__gte=self._block)
        rows = rows if first_open is None else rows.filter(block__lt=first_open)
        told = rows.order_by("block").values_list("block", "case__cluster", "variant_id", "passes")
        found: list[tuple[str, Passes]] = []
        for block, of_block in groupby(told, key=lambda row: row[0]):
            totals = list(of_block)
            if block != self._block + len(found) or len(totals) < self._variants:
                break  # a block's totals are written a moment after its end
            found.append((totals[0][1], {variant: passes for _, _, variant, passes in totals}))
        return found

    def _begin(self) -> None:
        variants = list(self._test.variants.order_by("position").values_list("id", flat=True))
        pairs = planned_pairs(variants, self._test.policy.get("comparisons", "baseline"))
        start = difference_of_blocks(self._test.confidence, len(pairs))
        self._variants, self._watched = len(variants), [Watched(a, b, start) for a, b in pairs]
