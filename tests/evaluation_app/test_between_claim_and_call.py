"""What happens to a test while its samples are claimed and have not begun: nothing is lost, or taken for its end."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg

from evaluation_app import lifecycle
from evaluation_app.models import EvaluationSample, EvaluationTest, SampleState
from foundation.database import connection
from foundation.database.threads import in_database_thread
from sessions_app.access import BELIEVED_FOR
from tests.evaluation_app.conftest import Bench
from tests.evaluation_app.test_running import words
from tests.evaluation_app.test_steering import some_done
from tests.playground.conftest import Ledger
from tests.servers.embedded import EmbeddedServers
from tests.waiting import until


@asynccontextmanager
async def claimed(bench: Bench, made: dict[str, Any], servers: EmbeddedServers) -> AsyncIterator[EvaluationTest]:
    """A test that was paused and goes on: it has claimed samples, and none of them gets as far as its call."""
    await some_done(bench, made["id"])
    await bench.steer(made["id"], "pause")
    await bench.ended(made["id"], "paused")
    await asyncio.sleep(BELIEVED_FOR)  # From then on each process looks for the session before it asks.
    test = await in_database_thread(lambda: EvaluationTest.objects.get(id=made["id"]))
    samples = EvaluationSample.objects.filter(test=test, state=SampleState.CLAIMED, execution_id=None)
    with psycopg.connect(servers.database_url) as blocker:
        blocker.execute("LOCK TABLE playground_sessions IN ACCESS EXCLUSIVE MODE")
        await in_database_thread(lifecycle.resume, test)
        await until(lambda: in_database_thread(samples.exists))
        yield test
        blocker.rollback()


async def test_a_pause_ends_no_test(bench: Bench, provider: str, ledger: Ledger, embedded_servers: EmbeddedServers):
    """What might not begin any more was taken for too dear: where nothing else was under way, the rest of the test was
    skipped, as if a ceiling had been reached where there is none."""
    model = f"tokens-20-every-30ms@{uuid.uuid4().hex[:8]}"
    made = await bench.begin(
        name="Paused", prompt="{{word}}", model_id=f"{provider}/{model}", test_cases=words("a", "b", "c"),
        parameters={"runs": 10}, concurrency=4,
    )  # fmt: skip
    async with claimed(bench, made, embedded_servers) as test:
        await in_database_thread(lifecycle.pause, test)
    rested = await bench.ended(made["id"], "paused")
    assert (rested["stop_reason"], rested["progress"]["skipped"]) == (None, 0)
    await bench.steer(made["id"], "resume")
    ended = await bench.ended(made["id"], "completed")
    assert (ended["stop_reason"], ended["progress"]["skipped"], ended["progress"]["done"]) == (None, 0, 30)
    assert len(await ledger.calls(model)) == 30


async def test_f19_a_database_that_is_late_keeps_no_pair_waiting(
    bench: Bench, provider: str, embedded_servers: EmbeddedServers
):
    """The sample was left to the end of its runner, which never came: it judged the other one of the pair again and
    again, and that waited for this one."""
    variant = {"prompt": "{{word}}", "model_id": f"{provider}/tokens-4-every-60ms"}
    params = {"rubric": "quick", "model_id": f"{provider}/judge"}
    answer = await bench.person.post(
        "/api/evaluation/compare",
        {
            "name": "Late", "variants": [{"name": name, **variant} for name in "AB"], "test_cases": words("a", "b"),
            "scorers": [{"scorer": "pairwise_judge", "params": params}], "parameters": {"runs": 10}, "concurrency": 4,
        },
    )  # fmt: skip
    assert answer.status == 202, answer.body
    with psycopg.connect(embedded_servers.database_url) as late:
        async with claimed(bench, answer.body, embedded_servers) as test:
            late.execute("SELECT 1 FROM evaluation_tests WHERE id = %s FOR UPDATE", [test.id])
        await asyncio.sleep(connection.PATIENCE + 1)
        late.rollback()
    ended = await bench.ended(answer.body["id"], "completed")
    progress = ended["progress"]
    assert (progress["done"], progress["errors"], progress["scorer_errors"]) == (40, 0, 0)
