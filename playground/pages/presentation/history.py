"""Which runs of a session the history shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from playground.models import ExecutionQuerySet, Status

STATUSES = (Status.COMPLETED, Status.RUNNING, Status.FAILED, Status.CANCELLED)
"""What can be chosen; a run that waits for its turn counts as running."""
LONGEST = 255
"""Characters of what is looked for."""
MODELS_OF_LAST = 1000
"""Runs whose models can be chosen: a session may hold very many."""


@dataclass(frozen=True)
class HistoryFilter:
    """By text, status and model, as the address says; empty is all."""

    status: str = ""
    model: str = ""
    search: str = ""
    """In prompts and answers."""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> HistoryFilter:
        """The filter of an address."""
        return cls(*(query.get(name, "").replace("\0", "").strip()[:LONGEST] for name in ("status", "model", "search")))

    @property
    def is_set(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.status or self.model or self.search)

    @property
    def query(self) -> str:
        """Itself as part of an address, with its ampersand in front."""
        given = (("status", self.status), ("model", self.model), ("search", self.search))
        chosen = {name: value for name, value in given if value}
        return f"&{urlencode(chosen)}" if chosen else ""

    @property
    def statuses(self) -> tuple[Status, ...]:
        """What can be chosen."""
        return STATUSES

    def applied(self, runs: ExecutionQuerySet) -> ExecutionQuerySet:
        """The runs that are wanted, text aside."""
        if self.status == Status.RUNNING:
            runs = runs.unfinished()
        elif self.status:
            runs = runs.filter(status=self.status)
        return runs.filter(model_id=self.model) if self.model else runs

    def models(self, runs: ExecutionQuerySet) -> list[str]:
        """The models that can be chosen, the chosen one among them."""
        recent = set(runs.values_list("model_id", flat=True)[:MODELS_OF_LAST])
        return sorted(recent | {self.model} - {""})
