"""F16, F19: PostgreSQL goes away while a test's answers are judged: each is judged, and no judge is blamed for it."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from typing import Any

from tests.cast import Answer, Person
from tests.faults.conftest import Place
from tests.faults.test_dying_servers_of_tests import ended
from tests.waiting import until

SAMPLES = 240
AT_ONCE = 16


async def outcomes(place: Place, test_id: str) -> Counter[tuple[str, str]]:
    """How many samples ended how."""
    statement = "SELECT state, error_code FROM evaluation_samples WHERE test_id = %s"
    rows = await asyncio.to_thread(place.rows, statement, test_id)
    return Counter((row["state"], row["error_code"]) for row in rows)


def asked(scorer: str, judge: str) -> dict[str, Any]:
    """What the tests here share."""
    params = {"rubric": "quick is what a good answer holds.", "model_id": f"openai/{judge}"}
    return {"name": "Judged", "scorers": [{"scorer": scorer, "params": params}], "concurrency": AT_ONCE}


def id_of(made: Answer) -> str:
    """Of the test that was begun."""
    assert made.status == 202, made.body
    return str(made.body["id"])


async def test_f16_f19_postgresql_that_is_away_for_a_while_costs_no_pair(place: Place, person: Person):
    model, judge = f"tokens-4-every-60ms@{uuid.uuid4().hex[:8]}", f"judge@{uuid.uuid4().hex[:8]}"
    variant = {"prompt": "Say something", "model_id": f"openai/{model}"}
    body = {
        **asked("pairwise_judge", judge),
        "variants": [{"name": "A", **variant}, {"name": "B", **variant}],
        "test_cases": [{}, {}],
        "parameters": {"runs": SAMPLES // 4},
    }
    test_id = id_of(await person.post("/api/evaluation/compare", body))

    async def judging() -> bool:
        return len(await place.ledger.calls(judge)) >= 12

    await until(judging)
    place.kill("Postgres")
    await asyncio.sleep(4)
    await asyncio.to_thread(place.start_again, "Postgres")
    assert (await ended(person, test_id))["status"] == "completed"
    assert await outcomes(place, test_id) == {("passed", ""): SAMPLES // 2, ("unscored", ""): SAMPLES // 2}
    assert SAMPLES <= len(await place.ledger.calls(model)) <= SAMPLES + AT_ONCE


async def test_f16_f19_postgresql_that_is_frozen_costs_no_verdict_that_is_made_anew(place: Place, person: Person):
    model, judge = f"tokens-4-every-60ms@{uuid.uuid4().hex[:8]}", f"judge@{uuid.uuid4().hex[:8]}"
    body = {
        **asked("llm_judge", judge),
        "prompt": "Say something",
        "model_id": f"openai/{model}",
        "test_cases": [{}] * 4,
        "parameters": {"runs": SAMPLES // 4},
    }
    test_id = id_of(await person.post("/api/evaluation/probabilistic", body))
    await ended(person, test_id)
    paid = len(await place.ledger.calls(judge))
    assert (await person.post(f"/api/evaluation/{test_id}/rescore", {})).status == 202

    async def has_some() -> bool:
        return bool((await person.get(f"/api/evaluation/{test_id}")).body["progress"]["done"] >= 4)

    await until(has_some)
    with place.paused("Postgres"):
        await asyncio.sleep(9)
    assert (await ended(person, test_id))["status"] == "completed"
    assert await outcomes(place, test_id) == {("passed", ""): SAMPLES}
    assert (len(await place.ledger.calls(model)), len(await place.ledger.calls(judge))) == (SAMPLES, paid)
