"""Tools that run: the model's calls are run here, it reads the results, and answers."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby
from typing import Any

import orjson
import pytest

from foundation.database.threads import in_database_thread
from providers.models import CatalogueModel
from tests.cast import Person
from tests.playground.conftest import Ledger, MakeProvider

MINE = {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}


def script(*rounds: Any) -> str:
    """What the simulator is to call, round by round."""
    return orjson.dumps(rounds).decode()


def compute(expression: str) -> list[Any]:
    """A call of the calculator."""
    return ["calculator", {"expression": expression}]


@pytest.mark.parametrize("wire", ["openai", "anthropic", "ollama"])
async def test_a_registered_tool_is_run_and_its_result_read(author: Person, make_provider: MakeProvider, wire: str):
    slug = await in_database_thread(make_provider, wire)
    body = (await author.execute(f"{slug}/tool-script", script([compute("6 * 7")]), tools=["calculator"])).body
    assert body["status"] == "completed", body
    (call,) = body["tool_executions"]
    assert (call["tool_name"], call["status"], call["result"]) == ("calculator", "completed", {"result": 42})
    assert call["round"] == 1
    assert 0 <= call["execution_time"] < 5
    assert body["response"] == 'The tool said: {"result":42}'
    assert body["metadata"]["finish_reason"] == "stop"
    assert body["metadata"]["tool_rounds"] == 1
    assert body["tools"][0]["registered"] is True
    assert "expression" in body["tools"][0]["parameters"]["properties"]
    assert (await author.get(f"/api/executions/{body['id']}")).body == body


async def test_what_is_said_with_calls_stands_apart_from_the_answer(author: Person, provider: str):
    rounds = script({"say": "Let me see.", "calls": [compute("1+1"), compute("2+2")]}, [compute("3+3")])
    body = (await author.execute(f"{provider}/tool-script", rounds, tools=["calculator"])).body
    assert body["rounds"] == [{"response": "Let me see."}, {}]
    assert body["response"] == 'The tool said: {"result":6}'
    calls = body["tool_executions"]
    assert [(each["round"], each["result"]["result"]) for each in calls] == [(1, 2), (1, 4), (2, 6)]
    # The simulator counts its calls anew in every answer.
    assert len({each["id"] for each in calls}) == 3


async def test_all_rounds_are_billed(author: Person, provider: str, ledger: Ledger):
    await in_database_thread(
        CatalogueModel.objects.create,
        id=f"{provider}/tool-script",
        provider=provider,
        overrides={"input_per_million": 1_000_000, "output_per_million": 2_000_000},
    )
    body = (
        await author.execute(f"{provider}/tool-script", script([compute("1")], [compute("2")]), tools=["calculator"])
    ).body
    usage = body["usage"]
    assert (usage["prompt_tokens"], usage["completion_tokens"]) == (60, 20)
    assert usage["estimated_cost"] == 100
    assert {line["item"]: line["quantity"] for line in usage["cost_lines"]} == {"input": 60, "output": 20}
    assert sum(Decimal(str(line["cost"])) for line in usage["cost_lines"]) == 100


async def test_a_round_falls_back_and_the_next_asks_who_answered(
    author: Person, provider: str, make_provider: MakeProvider, ledger: Ledger
):
    other = await in_database_thread(make_provider, "anthropic")
    failing, working = f"fault-401@{other}", f"tool-script@{other}"
    body = (
        await author.execute(
            f"{provider}/{failing}",
            script([compute("6*7")], [compute("2+2")]),
            tools=["calculator"],
            parameters={"fallback_models": [f"{other}/{working}"]},
        )
    ).body
    assert body["status"] == "completed", body
    assert (body["model_id"], body["metadata"]["fallback_from"]) == (f"{other}/{working}", f"{provider}/{failing}")
    assert [call["result"]["result"] for call in body["tool_executions"]] == [42, 4]
    # Who had failed is not asked again by the rounds after.
    assert (len(await ledger.calls(failing)), len(await ledger.calls(working))) == (1, 3)


async def test_readers_see_each_call_and_its_result_as_it_happens(author: Person, provider: str):
    rounds = script({"say": "Let me see.", "calls": [compute("6*7")]})
    events = await author.events(f"{provider}/tool-script", rounds, tools=["calculator"])
    told = [(event.kind, event.data) for event in events]
    kinds = [kind for kind, _ in groupby(kind for kind, _ in told if kind not in ("tool_call_part", "usage"))]
    assert kinds == ["started", "token", "tool_call", "tool_result", "round", "token", "completed"]
    result = next(data for kind, data in told if kind == "tool_result")
    assert (result["status"], result["result"]) == ("completed", {"result": 42})
    assert result["id"] == next(data["id"] for kind, data in told if kind == "tool_call")


async def test_t37_endless_calls_end_after_eight_rounds(author: Person, provider: str, ledger: Ledger):
    model = f"tool-script@{provider}"
    answer = await author.execute(f"{provider}/{model}", script("again"), tools=["current_time"])
    assert (answer.status, answer.body["code"]) == (502, "tool_rounds_exceeded")
    body = (await author.get(f"/api/executions/{answer.body['execution_id']}")).body
    assert [each["round"] for each in body["tool_executions"] if each["status"] == "completed"] == list(range(1, 9))
    assert body["tool_executions"][-1]["status"] == "requested"
    assert len(await ledger.calls(model)) == 9
    assert body["usage"]["prompt_tokens"] == 9 * 20


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (["json_query", {"data": 1, "expression": "@"}], "There is no tool 'json_query': calculator."),
        (["calculator", {}], "do not fit at the top"),
        (["calculator", {"expression": 5}], "do not fit at /expression"),
        (["calculator", {"expression": "1", "more": 1}], "do not fit at the top"),
        (["calculator", "{not json"], "not a JSON object"),
        (["calculator", "[1]"], "not a JSON object"),
        (["calculator", {"expression": "1" * 90_000}], "more than 65\u202f536 bytes"),
        (["calculator", {"expression": "1/0"}], "divides by zero"),
    ],
)
async def test_t18_f09_a_call_that_may_not_be_run_is_an_error_to_the_model(
    author: Person, provider: str, call: list[Any], words: str
):
    body = (await author.execute(f"{provider}/tool-script", script([call]), tools=["calculator"])).body
    assert body["status"] == "completed", body
    (entry,) = body["tool_executions"]
    assert entry["status"] == "failed"
    assert words in entry["error"]
    assert "result" not in entry
    assert words in body["response"]


async def test_a_tool_of_the_callers_own_ends_the_run_with_its_call(author: Person, provider: str):
    rounds = script([compute("1+1"), ["weather", {"city": "Graz"}]])
    body = (await author.execute(f"{provider}/tool-script", rounds, tools=["calculator", MINE])).body
    assert [each["status"] for each in body["tool_executions"]] == ["completed", "requested"]
    assert body["metadata"]["finish_reason"] == "tool_calls"
    assert "tool_rounds" not in body["metadata"]


async def test_a_tool_of_the_callers_own_is_never_ours(author: Person, provider: str):
    own = {"name": "calculator", "parameters": {"type": "object", "properties": {}}}
    body = (await author.execute(f"{provider}/tool-script", script([compute("1+1")]), tools=[own])).body
    assert [each["status"] for each in body["tool_executions"]] == ["requested"]


async def test_a_forced_tool_is_forced_once(author: Person, provider: str):
    body = (
        await author.execute(
            f"{provider}/tool-script",
            script([compute("1+1")]),
            tools=["calculator"],
            parameters={"tool_choice": "required"},
        )
    ).body
    assert body["response"] == 'The tool said: {"result":2}'
    assert body["parameters"]["tool_choice"] == "required"


async def test_an_unknown_registered_tool_is_named(author: Person, provider: str):
    answer = await author.execute(f"{provider}/echo", "x", tools=["calculator", "nope"])
    assert answer.status == 400
    (error,) = answer.body["errors"]
    assert (error["field"], error["code"]) == ("tools.1.name", "unknown_tool")


async def test_the_turn_after_reads_what_was_called(author: Person, provider: str):
    first = (await author.execute(f"{provider}/tool-script", script([compute("6*7")]), tools=["calculator"])).body
    second = (await author.execute(f"{provider}/echo", "and now?", parent_id=first["id"])).body
    roles = [message["role"] for message in second["messages"]]
    assert roles == ["user", "assistant", "tool", "assistant"]
    assert second["messages"][2]["content"] == '{"result":42}'


async def test_tools_of_templates_are_run(author: Person, provider: str):
    made = await author.post(
        "/api/templates",
        {
            "name": "Sums",
            "category": "analysis",
            "prompt": script([compute("6*7")]),
            "model_id": f"{provider}/tool-script",
            "tools": [{"name": "calculator", "registered": True}],
        },
    )
    assert made.status == 201, made.body
    body = (await author.post("/api/prompts/execute", {"template_id": made.body["id"]})).body
    assert body["tool_executions"][0]["result"] == {"result": 42}
