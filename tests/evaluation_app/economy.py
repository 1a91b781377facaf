"""Tests at economy, on models of a test alone whose provider has a batch interface and a price."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.utils import timezone

from evaluation_app.models import ProviderBatch
from foundation.database.threads import in_database_thread
from tests.evaluation_app.conftest import Bench
from tests.evaluation_app.test_running import words
from tests.playground.conftest import Ledger, MakeProvider
from tests.playground.test_reservations import priced
from tests.waiting import until

WIRES = ("openai", "anthropic")


class Economy:
    """Tests at economy on a model that has a price."""

    def __init__(self, bench: Bench, ledger: Ledger, make_provider: MakeProvider) -> None:
        self.bench = bench
        self._ledger = ledger
        self._make_provider = make_provider

    async def model(self, wire: str, behaviour: str = "batch") -> str:
        """A model of this test alone, by its id."""
        slug = await in_database_thread(lambda: self._make_provider(wire, has_batches=True))
        model_id = f"{slug}/{behaviour}@{uuid.uuid4().hex[:8]}"
        await in_database_thread(priced, model_id)
        return model_id

    async def begin(
        self, model_id: str, *, runs: int = 4, more: dict[str, Any] | None = None, **parameters: Any
    ) -> str:
        """A test of three cases; `more` of its body stands instead of what is usual, and None takes that out."""
        body = {
            "name": "Cheap",
            "prompt": "Say {{word}}",
            "model_id": model_id,
            "test_cases": words("a", "b", "c"),
            "parameters": {"runs": runs, "max_tokens": 20, **parameters},
            "speed": "economy",
        }
        asked = {name: value for name, value in (body | (more or {})).items() if value is not None}
        made = await self.bench.begin(**asked)
        return str(made["id"])

    async def batches(self, model_id: str) -> int:
        """Batches of the model that its provider has taken."""
        return len(await self._ledger.calls(f"batch of {model_id.partition('/')[2]}"))

    async def calls(self, model_id: str) -> list[dict[str, Any]]:
        """Requests for the model, of batches and others."""
        return await self._ledger.calls(model_id.partition("/")[2])

    async def sent(self, model_id: str) -> None:
        """Returns once its provider has a batch."""

        async def there() -> bool:
            return await self.batches(model_id) > 0

        await until(there)


@pytest.fixture
def economy(bench: Bench, ledger: Ledger, make_provider: MakeProvider) -> Economy:
    """The author's."""
    return Economy(bench, ledger, make_provider)


def looked_at_now(test_id: str) -> None:
    """As if the time of whoever died at it were over."""
    ProviderBatch.objects.open().filter(test__id=test_id).update(next_look=timezone.now())
