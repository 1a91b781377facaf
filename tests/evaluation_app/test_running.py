"""A test from its body to its figures: on a real worker, with the provider's own count beside it."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.cast import Person
from tests.evaluation_app.conftest import Bench
from tests.playground.conftest import Ledger


def words(*texts: str, expected: str | None = None) -> list[dict[str, object]]:
    """Cases whose input is a word, expected to come back (or `expected`)."""
    return [
        {"input": {"word": text}, "expected_output": {"type": "contains", "keywords": [expected or text]}}
        for text in texts
    ]


async def test_a_test_asks_each_case_as_often_as_it_was_told_and_judges_each_answer(
    bench: Bench, provider: str, ledger: Ledger
):
    model = f"echo@{uuid.uuid4().hex[:8]}"
    made = await bench.begin(
        name="Echo",
        prompt="Say {{word}}",
        model_id=f"{provider}/{model}",
        test_cases=[*words("one", "two"), *words("three", expected="four")],
        parameters={"runs": 4},
    )
    assert made["status"] in ("pending", "running")
    assert made["progress"]["total"] == 12
    test = await bench.ended(made["id"])
    assert (test["status"], test["stop_reason"]) == ("completed", None), test
    assert test["progress"] == {
        "total": 12, "done": 12, "errors": 0, "scorer_errors": 0, "skipped": 0, "blocks": 3, "blocks_done": 3,
    }  # fmt: skip
    assert len(await ledger.calls(model)) == 12
    samples = await bench.samples(made["id"], page_size=5)
    assert [(each["case"], each["run"]) for each in samples] == [
        (case, run) for case in range(3) for run in (1, 2, 3, 4)
    ]
    assert {each["case"]: each["outcome"] for each in samples} == {0: "passed", 1: "passed", 2: "failed"}
    assert samples[0]["output"] == "Say one"
    assert samples[0]["scores"][0]["scorer"] == "contains"
    execution = await bench.person.call("GET", f"/api/executions/{samples[0]['execution_id']}")
    assert execution.body["response"] == "Say one"
    results = test["results"]
    assert results["success_rate"] == 8 / 12
    interval = results["success_rate_interval"]
    assert interval["low"] < 8 / 12 < interval["high"]
    assert (interval["confidence"], results["figures"]["success_rate"]["estimand"]) == (0.95, "cases like these")
    assert [each["success_rate"] for each in results["cases"]] == [1, 1, 0]
    assert results["consistency"] == 1
    assert results["comparisons"] == []
    listed = await bench.person.call("GET", "/api/sessions")
    assert [each["name"] for each in listed.body["results"]] in ([], ["Playground"])


async def test_variants_are_compared_on_the_same_cases(bench: Bench, provider: str):
    body = {
        "name": "Two prompts",
        "variants": [
            {"name": "plain", "prompt": "Say {{word}}", "model_id": f"{provider}/echo"},
            {"name": "empty", "prompt": "Say nothing of {{word}}", "model_id": f"{provider}/echo"},
        ],
        "test_cases": [
            {"input": {"word": str(number)}, "expected_output": {"type": "exact", "value": f"Say {number}"}}
            for number in range(8)
        ],
        "parameters": {"runs": 2},
    }
    answer = await bench.person.call("POST", "/api/evaluation/compare", body)
    assert answer.status == 202, answer.body
    test = await bench.ended(answer.body["id"])
    assert [each["success_rate"] for each in test["results"]["variants"]] == [1, 0]
    (comparison,) = test["results"]["comparisons"]
    assert (comparison["a"], comparison["b"], comparison["difference"]) == ("plain", "empty", -1)
    assert comparison["p_value"] == 2 / 2**8
    assert comparison["verdict"].startswith("plain is better by 100 points")


async def test_open_pages_are_told_how_far_it_is(bench: Bench, author: Person, stranger: Person, provider: str):
    made = await bench.begin(
        name="Watched",
        prompt="{{word}}",
        model_id=f"{provider}/tokens-5-every-50ms",
        test_cases=words("a", "b", "c", "d", "e", "f", expected="quick"),
        parameters={"runs": 5},
        concurrency=4,
    )
    told = [event async for event in followed(author, made["id"])]
    assert {event["event"] for event in told} <= {"progress", "heartbeat"}
    seen = [event["data"] for event in told if event["event"] == "progress"]
    assert seen[-1]["status"] == "completed"
    done = [data["progress"]["done"] for data in seen]
    assert done == sorted(done)
    assert done[-1] == 30
    assert len(set(done)) > 2
    # One case speaks for itself only, and its interval is another.
    narrowing = [data["rates"][0] for data in seen if data["rates"][0]["interval"] is not None]
    narrowing = [rate for rate in narrowing if rate["estimand"] == "cases like these"]
    assert narrowing[-1]["value"] == 1
    assert narrowing[-1]["interval"]["low"] >= narrowing[0]["interval"]["low"]
    with pytest.raises(AssertionError, match="4404"):
        [event async for event in followed(stranger, made["id"])]


async def followed(person: Person, test_id: str) -> AsyncIterator[dict[str, Any]]:
    """What the socket tells, until it is closed in the regular way."""
    async with aiohttp.ClientSession() as client:
        address = f"{person.url}/ws/evaluation/{test_id}"
        async with client.ws_connect(address, headers=person.headers, origin=person.url) as socket:
            async for message in socket:
                yield json.loads(message.data)
            assert socket.close_code == 1000, socket.close_code
