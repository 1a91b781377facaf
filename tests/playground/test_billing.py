"""What a run is billed: what its provider counted, to the last attempt, at the prices of that day, at every door."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

from foundation.database.threads import in_database_thread
from playground.models import PromptExecution
from providers.models import CatalogueModel
from tests.cast import Person
from tests.doors.conftest import BrowserOf, browser_of
from tests.playground.test_reaper import in_thread
from tests.providers.provider_rows import CLASSES, row_of_class
from tests.servers.service import Service, Web
from tests.waiting import until

__all__ = ["browser_of"]

CLASS = f"{CLASSES}.PlaysCalls"
PRICES = {
    "input_per_million": 2, "output_per_million": 10, "cache_read_per_million": 0.5, "cache_write_per_million": 2.5,
    "cache_write_1h_per_million": 4, "reasoning_per_million": 20,
    "price_tiers": [
        {"above_tokens": 128_000, "input_per_million": 4}, {"service_tier": "flex", "input_per_million": 1},
    ],
}  # fmt: skip
NOT_TOLD = {
    "cache_read_tokens": None, "cache_write_tokens": None, "reasoning_tokens": None, "input_image_tokens": None,
    "input_audio_tokens": None,
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def web(running_service: Service) -> AsyncIterator[Web]:
    """A web process whose providers play what a prompt says."""
    started = await asyncio.to_thread(Web, {**running_service.environment, "PROVIDER_CLASSES": CLASS})
    yield started
    await asyncio.to_thread(started.stop)


@pytest.fixture
def payer(author: Person, web: Web) -> Person:
    """The author, at that process."""
    return author.at(web.url)


async def a_model(name: str = "m", **prices: Any) -> str:
    """A priced model of a provider of its own."""
    row = await in_database_thread(row_of_class, CLASS)
    return await priced(f"{row.slug}/{name}", **prices)


async def priced(model_id: str, **prices: Any) -> str:
    """Gives a model its prices."""
    overrides = prices or PRICES
    provider = model_id.partition("/")[0]
    await in_database_thread(CatalogueModel.objects.create, id=model_id, provider=provider, overrides=overrides)
    return model_id


def script(*calls: list[Any]) -> str:
    """A prompt that has these calls played."""
    return json.dumps({"key": uuid.uuid4().hex, "calls": calls})


def lines(usage: dict[str, Any]) -> list[tuple[str, int, float, float]]:
    """The lines in short; they add up to the cost as they are written, each to its quantity times its price."""
    total = sum((Decimal(str(line["cost"])) for line in usage["cost_lines"]), Decimal(0))
    assert total == Decimal(str(usage["estimated_cost"]))
    return [
        (line["item"], line["quantity"], line["unit_price_per_million"], line["cost"]) for line in usage["cost_lines"]
    ]


COUNTED = {
    "prompt_tokens": 1_000, "completion_tokens": 100, "cache_read_tokens": 200, "cache_write_tokens": 300,
    "cache_write_1h_tokens": 100, "reasoning_tokens": 60,
}  # fmt: skip
BILL = [
    ("input", 500, 2.0, 0.001), ("cache_read", 200, 0.5, 0.0001), ("cache_write", 200, 2.5, 0.0005),
    ("cache_write", 100, 4.0, 0.0004), ("output", 40, 10.0, 0.0004), ("reasoning", 60, 20.0, 0.0012),
]  # fmt: skip


async def test_a_bill_is_the_same_at_every_door(payer: Person):
    model = await a_model()
    events = await payer.events(model, script([["usage", COUNTED], ["text", "yes"], ["finish", "stop"]]))
    (usage,) = [event.data for event in events if event.kind == "usage"]
    assert lines(usage) == BILL
    assert usage["estimated_cost"] == 0.0036
    assert usage["details"] == {
        **NOT_TOLD, "cache_read_tokens": 200, "cache_write_tokens": 300, "reasoning_tokens": 60,
    }  # fmt: skip
    told = events[-1].data
    assert told["usage"] == usage
    assert (await payer.get(f"/api/executions/{told['id']}")).body["usage"] == usage
    assert told["metadata"]["usage_source"] == "provider"


async def test_a_later_price_changes_no_old_bill(payer: Person):
    model = await a_model()
    steps = [["usage", {"prompt_tokens": 100, "completion_tokens": 10}], ["text", "yes"], ["finish", "stop"]]
    first = (await payer.execute(model, script(steps))).body
    dearer = {"input_per_million": 7, "output_per_million": 7}
    await in_database_thread(CatalogueModel.objects.filter(id=model).update, overrides=dearer)

    async def billed_anew() -> bool:
        body = (await payer.execute(model, script(steps))).body
        return bool(body["usage"]["estimated_cost"] == 0.00077)

    await until(billed_anew)
    kept = (await payer.get(f"/api/executions/{first['id']}")).body
    assert kept["usage"] == first["usage"]
    assert lines(kept["usage"]) == [("input", 100, 2.0, 0.0002), ("output", 10, 10.0, 0.0001)]


async def test_a_long_call_and_a_cheap_tier_say_what_they_were_priced_by(payer: Person):
    model = await a_model()
    long = {"prompt_tokens": 128_001, "completion_tokens": 0}
    flex = {"prompt_tokens": 1_000, "completion_tokens": 0, "service_tier": "flex"}
    bodies = [
        (await payer.execute(model, script([["usage", usage], ["text", "yes"], ["finish", "stop"]]))).body
        for usage in (long, flex, {**flex, "service_tier": "default"})
    ]
    assert [lines(body["usage"])[0][2] for body in bodies] == [4.0, 1.0, 2.0]
    noted = [(body["metadata"].get("service_tier"), body["metadata"].get("priced_above_tokens")) for body in bodies]
    assert noted == [(None, 128_000), ("flex", None), (None, None)]


FORTY = "x" * 40
TEXT = ["text", FORTY]
ENDINGS = [
    # What is played before the end; the tokens in (None: an estimate) and out; where they come from.
    ([["usage", {"prompt_tokens": 1_500}], TEXT], 1_500, 10, ["completion_tokens"]),
    ([["usage", {"prompt_tokens": 1_500, "completion_tokens": 1}], TEXT], 1_500, 11, ["completion_tokens"]),
    ([["usage", {"prompt_tokens": 1_500}], ["usage", {"prompt_tokens": 9}], TEXT], 9, 10, ["completion_tokens"]),
    ([["usage", {"completion_tokens": 3}], TEXT], None, 13, ["prompt_tokens", "completion_tokens"]),
    (
        [["usage", {"prompt_tokens": -5, "completion_tokens": 10**30}], TEXT],
        None,
        10,
        ["prompt_tokens", "completion_tokens"],
    ),
    ([TEXT, ["usage", {"prompt_tokens": 43, "completion_tokens": 10}], ["reasoning", ""]], 43, 10, []),
]
SOURCES = ("provider", "partly estimated", "estimated")


async def ended(payer: Person, model: str, prompt: str, *, is_cancelled: bool) -> dict[str, Any]:
    """The last event of a run; a cancelled one is stopped when its last step has been shown."""
    async with payer.streaming(model, prompt) as stream:
        async for event in stream:
            if event.kind == "started":
                identifier = event.data["execution_id"]
            if event.kind == "token" and is_cancelled:
                await payer.post(f"/api/executions/{identifier}/cancel")
    last: dict[str, Any] = event.data
    return last


@pytest.mark.parametrize(("steps", "tokens_in", "tokens_out", "estimated"), ENDINGS)
@pytest.mark.parametrize("is_cancelled", [False, True])
async def test_a_run_that_ends_early_keeps_what_was_counted_and_estimates_the_rest(
    payer: Person, steps: list[Any], tokens_in: int | None, tokens_out: int, estimated: list[str], is_cancelled: bool
):
    model = await a_model()
    prompt = script([*steps, ["hang", None] if is_cancelled else ["fail", "stream_cut"]])
    body = await ended(payer, model, prompt, is_cancelled=is_cancelled)
    usage, metadata = body["usage"], body["metadata"]
    assert body["status"] == ("cancelled" if is_cancelled else "failed")
    assert usage["prompt_tokens"] == (-(-len(prompt) // 4) if tokens_in is None else tokens_in)
    assert usage["completion_tokens"] == tokens_out
    assert metadata["usage_source"] == SOURCES[len(estimated)]
    assert metadata.get("usage_estimated", []) == (estimated if len(estimated) == 1 else [])
    assert [line[:2] for line in lines(usage)] == [("input", usage["prompt_tokens"]), ("output", tokens_out)]


async def test_an_earlier_attempt_that_was_billed_has_its_line_at_its_own_models_price(payer: Person):
    model = await a_model("cheap", input_per_million=1, output_per_million=1)
    other = await priced(f"{model.partition('/')[0]}/dear", input_per_million=8, output_per_million=16)
    counted = {"prompt_tokens": 1_500, "completion_tokens": 0}
    prompt = script(
        [["usage", counted], ["fail", "provider_busy"]],
        [["fail", "provider_unreachable"]],
        [["usage", {**counted, "prompt_tokens": 700}], ["fail", "provider_error"]],
        [["usage", {"prompt_tokens": 100, "completion_tokens": 10}], ["text", "yes"], ["finish", "stop"]],
    )
    body = (await payer.execute(model, prompt, parameters={"fallback_models": [other]})).body
    assert (body["status"], body["model_id"], body["usage"]["prompt_tokens"]) == ("completed", other, 100)
    assert lines(body["usage"]) == [
        ("input", 100, 8.0, 0.0008), ("output", 10, 16.0, 0.00016), ("attempt", 1_500, 1.0, 0.0015),
        ("attempt", 700, 1.0, 0.0007),
    ]  # fmt: skip
    assert [line.get("note") for line in body["usage"]["cost_lines"]] == [None, None, model, model]
    assert body["usage"]["estimated_cost"] == 0.00316


async def test_what_is_set_aside_covers_the_dearest_way_that_a_call_can_go(payer: Person):
    model = await a_model()
    worst = {"prompt_tokens": 0, "completion_tokens": 100, "reasoning_tokens": 100}
    prompt = script([["usage", worst], ["text", "yes"], ["finish", "stop"]])
    size = len(prompt)
    usage = {**worst, "prompt_tokens": size, "cache_write_tokens": size, "cache_write_1h_tokens": size}
    prompt = script([["usage", usage], ["text", "yes"], ["finish", "stop"]])
    limits = {"max_tokens": 100}
    body = (await payer.execute(model, prompt, parameters=limits)).body
    row = await in_database_thread(PromptExecution.objects.get, id=body["id"])
    assert 0 < row.estimated_cost <= row.reserved_cost
    refused = await payer.execute(model, prompt, parameters={**limits, "max_cost": float(row.estimated_cost) / 2})
    assert (refused.status, refused.body["errors"][0]["code"]) == (400, "too_small")


async def test_an_attempt_that_was_counted_keeps_its_room_whatever_its_failure_is_called(payer: Person):
    model = await a_model("m", input_per_million=10, output_per_million=0)
    call = [["usage", {"prompt_tokens": 10, "completion_tokens": 0}], ["fail", "provider_busy"]]
    prompt = script(call, call, call)
    most = len(json.dumps({"role": "user", "content": prompt})) * 1.2 * 10 / 1e6
    answer = await payer.execute(model, prompt, parameters={"max_cost": most, "max_tokens": 1})
    assert (answer.status, answer.body["code"]) == (402, "limit_reached")


async def test_an_answer_from_the_cache_costs_nothing_and_says_what_it_had_counted(payer: Person):
    model = await a_model()
    prompt = script(*[[["usage", COUNTED], ["text", "yes"], ["finish", "stop"]]] * 40)
    parameters = {"temperature": 0, "max_tokens": 5}
    await payer.execute(model, prompt, parameters=parameters)

    async def cached() -> Any:
        body = (await payer.execute(model, prompt, parameters=parameters)).body
        return body if body["metadata"]["cached"] else None

    usage = (await until(cached))["usage"]
    assert (usage["estimated_cost"], usage["cost_lines"], usage["prompt_tokens"]) == (0, [], 1_000)
    assert usage["details"]["cache_read_tokens"] == 200


async def test_a_run_whose_process_dies_is_billed_what_its_provider_had_counted(author: Person, service: Service):
    model = await a_model()
    web = await asyncio.to_thread(Web, {**service.environment, "PROVIDER_CLASSES": CLASS})
    busy = [["usage", {"prompt_tokens": 50, "completion_tokens": 0}], ["fail", "provider_busy"]]
    steps = [["usage", {"prompt_tokens": 1_500, "cache_read_tokens": 500}], TEXT, ["hang", None]]
    async with author.at(web.url).streaming(model, script(busy, steps)) as stream:
        async for event in stream:
            if event.kind == "started":
                identifier = event.data["execution_id"]
            if event.kind == "token":
                break
    await asyncio.to_thread(web.restart, signal.SIGKILL)
    await asyncio.to_thread(web.stop)
    await in_database_thread(_leave_behind, identifier)
    await asyncio.to_thread(in_thread, service.environment["REDIS_URL"])

    async def over() -> Any:
        body = (await author.get(f"/api/executions/{identifier}")).body
        return body if body["status"] == "failed" else None

    body = await until(over)
    assert body["error"]["code"] == "interrupted"
    assert lines(body["usage"]) == [
        ("input", 1_000, 2.0, 0.002), ("cache_read", 500, 0.5, 0.00025), ("output", 10, 10.0, 0.0001),
        ("attempt", 50, 2.0, 0.0001),
    ]  # fmt: skip
    assert body["metadata"]["usage_estimated"] == ["completion_tokens"]
    assert body["metadata"]["price_known"] is True


def _leave_behind(identifier: str) -> None:
    """As a process that has been gone for long leaves it."""
    long_ago = datetime.now(UTC) - timedelta(seconds=60)
    PromptExecution.objects.filter(id=identifier).update(runner_id=uuid.uuid4(), created_at=long_ago)


async def test_a_page_opens_a_cost_into_its_lines(payer: Person, service: Service, browser_of: BrowserOf):
    model = await a_model()
    steps = [["usage", {"prompt_tokens": 1_500, "cache_read_tokens": 500}], TEXT, ["fail", "stream_cut"]]
    body = await ended(payer, model, script(steps), is_cancelled=False)
    browser = await in_database_thread(browser_of, payer.at(service.url))
    for address in (f"/?execution={body['id']}", f"/sessions/{body['session_id']}"):
        page = " ".join((await browser.get(address)).text.split())
        assert '<summary title="Show what this cost is made of">$0.0024</summary>' in page
        rows = re.findall(r"<th scope=.row.> (.+?) </th>.+?figure.>(.+?)</td>.+?>\S (.+?)</td>.+?>= (.+?)</td>", page)
        assert rows == [
            ("Input", "1 000", "$2.00", "$0.002"), ("Cache read", "500", "$0.50", "$0.00025"),
            ('Output <span class="meta">estimated</span>', "10", "$10.00", "$0.0001"),
        ]  # fmt: skip
