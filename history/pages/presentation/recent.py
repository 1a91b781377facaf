"""What a session's last runs were made with, learnt in one look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from playground.models import PromptExecution
from sessions_app.models import PlaygroundSession

LOOKED_AT: Final = 1000
"""Runs: a session may hold very many."""


@dataclass(frozen=True)
class Recent:
    """Models and templates that can be chosen, and by model the runs that had no known price."""

    models: frozenset[str]
    templates: frozenset[UUID]
    unpriced: Mapping[str, int]

    @property
    def unpriced_runs(self) -> int:
        """How many had no known price."""
        return sum(self.unpriced.values())


def recent(session: PlaygroundSession) -> Recent:
    """Of the session's last runs."""
    rows = (
        PromptExecution.objects.filter(session=session)
        .order_by("-created_at", "-id")
        .values_list("model_id", "template_version__template_id", "metadata__price_known")
    )
    found = list(rows[:LOOKED_AT])
    return Recent(
        models=frozenset(model for model, _, _ in found),
        templates=frozenset(template for _, template, _ in found if template),
        unpriced=Counter(model for model, _, is_known in found if is_known is False),
    )
