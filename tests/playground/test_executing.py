"""Plain executions: what comes back, what is stored, what it costs."""

from __future__ import annotations

import asyncio
import uuid
from decimal import Decimal

import pytest

from foundation.database.threads import in_database_thread
from playground.models import PromptExecution
from providers.models import CatalogueModel
from sessions_app.models import PlaygroundSession
from tests.cast import Person
from tests.playground.conftest import Ledger, MakeProvider


@pytest.mark.parametrize("wire", ["openai", "anthropic", "ollama"])
async def test_a_prompt_is_answered_on_every_wire(author: Person, make_provider: MakeProvider, wire: str):
    slug = await in_database_thread(make_provider, wire)
    answer = await author.execute(f"{slug}/echo", "hello there", system_prompt="Be kind", context={"team": "A"})
    assert answer.status == 200
    body = answer.body
    assert body["response"] == "hello there"
    assert body["status"] == "completed"
    assert body["error"] is None
    assert body["usage"]["total_tokens"] == body["usage"]["prompt_tokens"] + body["usage"]["completion_tokens"] > 0
    assert body["metadata"]["provider"] == slug
    assert body["metadata"]["attempts"] == 1
    assert body["metadata"]["finish_reason"] == "stop"
    assert body["metadata"]["time_to_first_token"] is None, "an answer that comes whole has no first token"
    again = await author.get(f"/api/executions/{body['id']}")
    assert again.body == body


async def test_a_first_token_has_a_time_where_the_answer_streamed(author: Person, provider: str):
    ended = (await author.events(f"{provider}/echo"))[-1].data
    assert 0 < ended["metadata"]["time_to_first_token"] <= ended["execution_time"]


async def test_a_run_without_a_session_goes_to_the_default_one(author: Person, provider: str):
    ids = {(await run).body["session_id"] for run in [author.execute(f"{provider}/echo") for _ in range(2)]}
    assert len(ids) == 1


async def test_a_session_counts_its_runs_exactly_under_concurrency(author: Person, provider: str):
    await in_database_thread(
        CatalogueModel.objects.create,
        id=f"{provider}/echo",
        provider=provider,
        overrides={"input_per_million": 1_000_000, "output_per_million": 2_000_000},
    )
    session = await in_database_thread(PlaygroundSession.objects.create, user=author.user, name="Count")
    answers = await asyncio.gather(
        *(author.execute(f"{provider}/echo", "one two three", session_id=str(session.id)) for _ in range(60))
    )
    assert {answer.status for answer in answers} == {200}
    await in_database_thread(session.refresh_from_db)
    assert session.execution_count == 60
    assert session.total_cost == sum(Decimal(str(answer.body["usage"]["estimated_cost"])) for answer in answers)
    assert session.total_cost > 0
    assert session.last_executed is not None


async def test_an_unknown_price_costs_nothing_and_says_so(author: Person, provider: str):
    body = (await author.execute(f"{provider}/echo")).body
    assert body["usage"]["estimated_cost"] == 0
    assert body["metadata"]["price_known"] is False


async def test_a_model_that_was_used_is_in_the_catalogue(author: Person, provider: str):
    await author.execute(f"{provider}/echo")
    from tests.waiting import until

    async def listed() -> bool:
        answer = await author.get(f"/api/models?provider={provider}")
        return [row["id"] for row in answer.body["results"]] == [f"{provider}/echo"]

    await until(listed)
    one = await author.get(f"/api/models/{provider}/echo")
    assert one.body["is_listed"] is False


async def test_parameters_that_a_model_does_not_take_are_told(author: Person, make_provider: MakeProvider):
    slug = await in_database_thread(make_provider, "anthropic")
    body = (await author.execute(f"{slug}/echo", parameters={"seed": 7, "temperature": 0.5, "cache": False})).body
    assert body["metadata"]["dropped_parameters"] == ["seed"]
    assert body["parameters"]["seed"] == 7


async def test_messages_and_prompt_make_one_conversation(author: Person, provider: str):
    turns = [{"role": "user", "content": "first"}, {"role": "assistant", "content": "answer"}]
    body = (await author.execute(f"{provider}/echo", "second", messages=turns)).body
    assert body["response"] == "second"
    assert body["messages"] == turns


async def test_tool_calls_are_recorded(author: Person, provider: str):
    tool = {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}
    body = (await author.execute(f"{provider}/tool-call", '{"city": "Oslo"}', tools=[tool])).body
    (call,) = body["tool_executions"]
    assert call["tool_name"] == "weather"
    assert call["arguments"] == {"city": "Oslo"}


async def test_temperature_zero_is_answered_from_the_cache(
    author: Person, stranger: Person, provider: str, ledger: Ledger
):
    model = f"echo@{uuid.uuid4().hex[:8]}"
    first = (await author.execute(f"{provider}/{model}", parameters={"temperature": 0})).body
    from tests.waiting import until

    async def cached() -> dict[str, object] | None:
        body = (await author.execute(f"{provider}/{model}", parameters={"temperature": 0})).body
        return body if body["metadata"]["cached"] else None

    second = await until(cached)
    assert second["response"] == first["response"]
    assert second["usage"]["estimated_cost"] == 0
    calls = len(await ledger.calls(model))
    # Another person's equal prompt is another call: the cache is a person's own.
    other = (await stranger.execute(f"{provider}/{model}", parameters={"temperature": 0})).body
    assert other["metadata"]["cached"] is False
    assert len(await ledger.calls(model)) == calls + 1


async def test_without_temperature_zero_nothing_is_cached(author: Person, provider: str, ledger: Ledger):
    model = f"echo@{uuid.uuid4().hex[:8]}"
    for _ in range(2):
        body = (await author.execute(f"{provider}/{model}", parameters={"temperature": 0.1})).body
        assert body["metadata"]["cached"] is False
    assert len(await ledger.calls(model)) == 2


async def test_f14_one_idempotency_key_is_one_run(author: Person, stranger: Person, provider: str, ledger: Ledger):
    model, key = f"tokens-8-every-30ms@{uuid.uuid4().hex[:8]}", uuid.uuid4().hex
    answers = await asyncio.gather(*(author.execute(f"{provider}/{model}", key=key) for _ in range(20)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body["id"] for answer in answers}) == 1
    assert len({answer.body["response"] for answer in answers}) == 1
    assert len(await ledger.calls(model)) == 1
    other_body = await author.execute(f"{provider}/{model}", "another prompt", key=key)
    assert (other_body.status, other_body.body["code"]) == (422, "idempotency_key_reused")
    another = await stranger.execute(f"{provider}/{model}", key=key)
    assert another.body["id"] != answers[0].body["id"]


async def test_a_key_whose_run_died_is_free_for_a_new_attempt(author: Person, provider: str):
    key = uuid.uuid4().hex
    first = await author.execute(f"{provider}/echo", "hello", key=key)
    assert (await author.execute(f"{provider}/echo", "hello", key=key)).body["id"] == first.body["id"]
    died = {"status": "failed", "error_code": "interrupted"}
    await in_database_thread(PromptExecution.objects.filter(id=first.body["id"]).update, **died)
    other_body = await author.execute(f"{provider}/echo", "another", key=key)
    assert (other_body.status, other_body.body["code"]) == (422, "idempotency_key_reused")
    again = await asyncio.gather(*(author.execute(f"{provider}/echo", "hello", key=key) for _ in range(6)))
    assert {answer.status for answer in again} == {200}
    (second,) = {answer.body["id"] for answer in again}
    assert second != first.body["id"]


async def test_f14_a_key_that_is_none_is_refused(author: Person, provider: str):
    answer = await author.execute(f"{provider}/echo", key="k" * 256)
    assert (answer.status, answer.body["code"]) == (400, "idempotency_key_invalid")


async def test_f35_without_a_key_two_calls_are_two_runs(author: Person, provider: str):
    first, second = await author.execute(f"{provider}/echo"), await author.execute(f"{provider}/echo")
    assert first.body["id"] != second.body["id"]


async def test_f10_a_caller_that_leaves_does_not_stop_a_plain_run(author: Person, provider: str):
    note = uuid.uuid4().hex
    running = asyncio.create_task(author.execute(f"{provider}/tokens-20-every-30ms", metadata={"tags": [note]}))
    from tests.waiting import until

    async def row() -> PromptExecution | None:
        found = PromptExecution.objects.filter(metadata__tags=[note])
        return await in_database_thread(found.first)

    await until(row)
    running.cancel()

    async def completed() -> bool:
        found = await row()
        return bool(found and found.status == "completed")

    await until(completed)


async def test_t10_texts_are_sealed_in_the_database(author: Person, provider: str):
    body = (await author.execute(f"{provider}/echo", "canary-prompt-text", context={"secret": "canary-context"})).body

    def raw() -> str:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT e::text FROM prompt_executions e WHERE id = %s", [body["id"]])
            return str(cursor.fetchone()[0])

    text = await in_database_thread(raw)
    assert "canary" not in text
    assert b"canary".hex() not in text
