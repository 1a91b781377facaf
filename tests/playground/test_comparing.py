"""Comparisons and replays."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

from foundation.database.threads import in_database_thread
from playground.models import Comparison, PromptExecution
from tests.cast import Person, text_of
from tests.playground.conftest import Ledger


def body(provider: str, *models: str, **more: Any) -> dict[str, Any]:
    """A comparison of these models."""
    variants: list[Any] = [{"model_id": f"{provider}/{model}"} for model in models]
    return {"prompt": "Say it", "variants": variants, **more}


async def test_variants_run_at_once_and_stay_together(author: Person, provider: str):
    asked = body(provider, "tokens-32-every-30ms", "tokens-32-every-30ms", "echo")
    answer = await author.post("/api/comparisons", asked)
    assert answer.status == 202
    executions = answer.body["executions"]
    assert [each["model_id"].partition("/")[2] for each in executions] == [
        "tokens-32-every-30ms", "tokens-32-every-30ms", "echo",
    ]  # fmt: skip
    assert len({each["session_id"] for each in executions}) == 1

    async def read(execution_id: str) -> str:
        async with author.following(execution_id) as stream:
            return text_of([event async for event in stream])

    texts = await asyncio.gather(*(read(each["id"]) for each in executions))
    assert all(texts)
    told = (await author.get(f"/api/comparisons/{answer.body['id']}")).body
    assert {each["status"] for each in told["executions"]} == {"completed"}
    assert [each["comparison_id"] for each in told["executions"]] == [answer.body["id"]] * 3


async def test_parameters_and_prompts_of_a_variant_are_its_own(author: Person, provider: str):
    asked = body(provider, parameters={"temperature": 0.1, "max_tokens": 9}, system_prompt="Shared.")
    asked["variants"] = [
        {"model_id": f"{provider}/echo", "parameters": {"temperature": 0.9}},
        {"model_id": f"{provider}/echo", "prompt": "Other", "system_prompt": "Own."},
    ]
    one, two = (await author.post("/api/comparisons", asked)).body["executions"]
    assert one["parameters"] == {"temperature": 0.9, "max_tokens": 9}
    assert (one["prompt"], one["system_prompt"]) == ("Say it", "Shared.")
    assert (two["prompt"], two["system_prompt"]) == ("Other", "Own.")


async def test_shared_values_fill_a_prompt_of_its_own_too(author: Person, provider: str):
    asked = body(provider, "echo", "echo", prompt="Say {{a}} and {{b}}", variables={"a": "x", "b": "y"})
    asked["variants"][1]["prompt"] = "Only {{a}}"
    one, two = (await author.post("/api/comparisons", asked)).body["executions"]
    assert (one["prompt"], two["prompt"]) == ("Say x and y", "Only x")
    assert two["variables"] == {"a": "x"}


async def test_a_variant_that_does_not_hold_is_named_and_nothing_begins(author: Person, provider: str, ledger: Ledger):
    model = f"echo@{uuid.uuid4().hex[:8]}"
    good = {"model_id": f"{provider}/{model}"}
    hot = {"model_id": f"{provider}/x", "parameters": {"temperature": 9}}
    for variants, status, field in (
        ([good], 400, "variants"),
        ([good] * 7, 400, "variants"),
        ([good, hot], 400, "variants.1.parameters.temperature"),
        ([good, {"model_id": "nowhere/x"}], 404, "variants.1.model_id"),
        ([good, {"model_id": "x"}], 400, "variants.1.model_id"),
        ([good, {**good, "api_key": "k"}], 400, "variants.1.api_key"),
    ):
        refused = await author.post("/api/comparisons", {"prompt": "x", "variants": variants})
        assert (refused.status, refused.body["errors"][0]["field"]) == (status, field)
    missing = await author.post("/api/comparisons", {"variants": [good, good]})
    assert [error["field"] for error in missing.body["errors"]] == ["variants.0.prompt", "variants.1.prompt"]
    assert await in_database_thread(PromptExecution.objects.count) == 0
    assert await in_database_thread(Comparison.objects.count) == 0
    assert await ledger.calls(model) == []


async def test_f14_a_comparison_with_the_same_key_is_made_once(author: Person, provider: str):
    asked, headers = body(provider, "echo", "tokens-32"), {"Idempotency-Key": "once"}
    answers = await asyncio.gather(*(author.post("/api/comparisons", asked, headers=headers) for _ in range(4)))
    assert {answer.status for answer in answers} == {202}
    assert len({answer.body["id"] for answer in answers}) == 1
    assert await in_database_thread(PromptExecution.objects.count) == 2
    assert await in_database_thread(Comparison.objects.count) == 1
    other = await author.post("/api/comparisons", body(provider, "echo", "json"), headers=headers)
    assert other.status == 422


async def test_each_votes_once(author: Person, stranger: Person, provider: str):
    made = (await author.post("/api/comparisons", body(provider, "echo", "tokens-32"))).body
    address, best = f"/api/comparisons/{made['id']}/vote", made["executions"][1]["id"]
    for choice in (None, made["executions"][0]["id"], best):
        told = await author.post(address, {"execution_id": choice})
    assert (told.body["votes"], told.body["ties"], told.body["my_vote"]) == ({best: 1}, 0, best)
    wrong = await author.post(address, {"execution_id": str(uuid.uuid4())})
    assert (wrong.status, wrong.body["errors"][0]["field"]) == (400, "execution_id")
    assert (await stranger.post(address, {"execution_id": None})).status == 404
    assert (await stranger.get(f"/api/comparisons/{made['id']}")).status == 404


async def test_a_replay_is_the_same_run_with_what_was_changed(author: Person, stranger: Person, provider: str):
    old = (await author.execute(f"{provider}/echo", "First", system_prompt="S", parameters={"temperature": 0.3})).body
    address = f"/api/executions/{old['id']}/replay"
    same = await author.post(address)
    assert same.status == 201
    assert same.body["metadata"]["replay_of"] == old["id"]
    for name in ("prompt", "system_prompt", "parameters", "model_id", "session_id", "response"):
        assert same.body[name] == old[name], name
    other = await author.post(address, {"model_id": f"{provider}/tokens-32", "prompt": "Second", "parameters": {}})
    assert (other.body["prompt"], other.body["parameters"]) == ("Second", {})
    assert (await stranger.post(address)).status == 404
    assert (await author.post(address, {"user_id": "x"})).body["errors"][0]["field"] == "user_id"
    keyed = [await author.post(address, {}, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert keyed[0].body["id"] == keyed[1].body["id"]


async def test_long_keys_that_differ_at_their_end_are_two(author: Person, provider: str, ledger: Ledger):
    model = f"echo@{uuid.uuid4().hex[:8]}"
    keys = ["k" * 254 + end for end in "ab"] * 2
    answers = [
        await author.post("/api/comparisons", body(provider, model, model), headers={"Idempotency-Key": key})
        for key in keys
    ]
    assert {answer.status for answer in answers} == {202}
    assert len({answer.body["id"] for answer in answers}) == 2
    assert [len(answer.body["executions"]) for answer in answers] == [2] * 4
    other = await author.post("/api/comparisons", body(provider, model, "echo"), headers={"Idempotency-Key": keys[0]})
    assert (other.status, other.body["code"]) == (422, "idempotency_key_reused")
