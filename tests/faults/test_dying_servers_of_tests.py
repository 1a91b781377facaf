"""F16, F19, F20: PostgreSQL and Valkey die while a test of a prompt runs: it goes on, and each sample ends once."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from tests.cast import Person
from tests.evaluation_app.conftest import FINAL
from tests.faults.conftest import Place
from tests.waiting import until

SAMPLES = 40


async def begun(person: Person, model: str) -> str:
    """A test that has some answers, and some calls under way."""
    body = {
        "name": "Faults",
        "prompt": "Say something",
        "model_id": f"openai/{model}",
        "test_cases": [{"expected_output": {"type": "contains", "keywords": ["quick"]}}],
        "parameters": {"runs": SAMPLES},
        "concurrency": 4,
    }
    made = await person.post("/api/evaluation/probabilistic", body)
    assert made.status == 202, made.body
    test_id = str(made.body["id"])

    async def has_some() -> bool:
        return bool((await person.get(f"/api/evaluation/{test_id}")).body["progress"]["done"] >= 4)

    await until(has_some)
    return test_id


async def ended(person: Person, test_id: str) -> dict[str, Any]:
    """The test once it has ended; the service may be away meanwhile."""
    last: dict[str, Any] = {}

    async def there() -> dict[str, Any] | None:
        nonlocal last
        answer = await person.get(f"/api/evaluation/{test_id}")
        last = answer.body or {}
        return last if answer.status == 200 and last["status"] in FINAL else None

    found: dict[str, Any] = await until(there, why=lambda: str(last))
    return found


@pytest.mark.parametrize("kind", ["Postgres", "Valkey"])
async def test_f16_f19_f20_a_server_that_dies_during_a_test_costs_no_sample(place: Place, person: Person, kind: str):
    model = f"tokens-8-every-60ms@{uuid.uuid4().hex[:8]}"
    test_id = await begun(person, model)
    await asyncio.to_thread(place.restart, kind)
    test = await ended(person, test_id)
    assert test["status"] == "completed", test
    progress = test["progress"]
    assert (progress["done"], progress["total"]) == (SAMPLES, SAMPLES)
    assert progress["errors"] == 0, test
    rows = await asyncio.to_thread(
        place.rows,
        "SELECT state, count(*) AS n, sum(reserved_cost) AS kept FROM evaluation_samples WHERE test_id = %s GROUP BY 1",
        test_id,
    )
    assert [(row["state"], row["n"], row["kept"]) for row in rows] == [("passed", SAMPLES, 0)]
    # What was under way when the database died may be asked once more.
    assert SAMPLES <= len(await place.ledger.calls(model)) <= SAMPLES + 4
