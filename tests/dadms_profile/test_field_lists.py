"""What a client built on DADMS's published document finds: its wrappers and fields, door by door."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.cast import Person
from tests.dadms_profile.conftest import PROFILE, Client
from tests.waiting import until

USAGE = {"promptTokens", "completionTokens", "totalTokens", "estimatedCost"}
MODEL = {"id", "name", "provider", "contextWindow", "maxTokens", "capabilities", "pricing", "status"}
EXECUTION = {"id", "modelId", "prompt", "response", "usage", "tools", "metadata"}
TEMPLATE = {
    "id", "name", "category", "description", "prompt", "variables", "tags", "usage", "rating", "createdBy", "createdAt",
}  # fmt: skip
SESSION = {
    "id", "name", "description", "projectId", "tags", "createdBy", "createdAt", "executionCount", "lastExecuted",
}  # fmt: skip
REMEMBERED = {
    "id", "modelId", "prompt", "response", "usage", "parameters", "executionTime", "timestamp", "status",
}  # fmt: skip
ECHO = {"modelId": "openai/echo", "prompt": "x"}


async def test_models_and_providers(client: Client, provider: str):
    told = (await client.get("/api/models")).body
    assert told.keys() == {"models"}
    local = next(each for each in told["models"] if each["id"] == "local/smollm2-135m")
    assert local.keys() == MODEL
    assert local["pricing"] == {"input": 0, "output": 0, "currency": "USD", "unit": "per_1k_tokens"}
    assert local["capabilities"][0] == "text-generation"
    assert local["status"] in ("available", "unavailable")
    one = (await client.get("/api/models/local/smollm2-135m")).body
    assert one.keys() == MODEL | {"description", "parameters", "lastUpdated"}
    assert one["parameters"]["topP"].keys() == {"min", "max", "default", "description"}
    told = (await client.get("/api/providers/status")).body
    assert told.keys() == {"providers"}
    (local,) = [each for each in told["providers"] if each["name"] == "local"]
    assert local.keys() == {"name", "status", "models", "rateLimit", "quota", "lastCheck"}
    assert local["models"] >= 1
    assert {each["status"] for each in told["providers"]} <= {"healthy", "degraded", "down"}
    assert local["rateLimit"].keys() == {"requests", "tokens", "window"}
    assert local["quota"].keys() == {"used", "limit", "resetDate"}


async def test_an_execution(client: Client, provider: str):
    body = {
        "modelId": f"{provider}/echo",
        "prompt": "Say something",
        "systemPrompt": "Be kind.",
        "context": {"deep_name": {"deepName": 1}},
        "parameters": {"maxTokens": 20, "topP": 0.5},
        "metadata": {"myOwn": "word", "my_other": 2},
    }
    told = (await client.post("/api/prompts/execute", body)).body
    assert told.keys() >= EXECUTION
    assert told["usage"].keys() == USAGE
    assert (told["response"], told["metadata"]["myOwn"], told["metadata"]["my_other"]) == ("Say something", "word", 2)
    ours = (await client.person.get(f"/api/executions/{told['id']}")).body
    assert ours["parameters"] == {"max_tokens": 20, "top_p": 0.5}
    assert ours["context"] == {"deep_name": {"deepName": 1}}
    assert ours["system_prompt"] == "Be kind."


async def test_tools_of_the_service_are_named_and_their_calls_told(client: Client, provider: str):
    asked = {"modelId": f"{provider}/tool-script", "prompt": '[[["calculator", {"expression": "6 * 7"}]]]'}
    tool = {"name": "calculator", "description": "Computes"}
    told = (await client.post("/api/prompts/execute", {**asked, "tools": [tool]})).body
    assert told["tools"] == [{"name": "calculator", "input": {"expression": "6 * 7"}, "output": {"result": 42}}]
    listed = (await client.get("/api/tools")).body["tools"]
    assert {"search_knowledge_base", "calculate_metrics", "calculator"} <= {each["name"] for each in listed}
    assert all(each.keys() == {"name", "description", "category", "parameters", "examples"} for each in listed)
    tried = await client.post("/api/tools/calculator/test", {"parameters": {"expression": "1 + 1"}})
    assert tried.body.keys() == {"toolName", "parameters", "result", "executionTime", "timestamp"}
    assert tried.body["result"] == {"result": 2}


async def test_costs_are_estimated(client: Client, provider: str):
    body = {"modelId": "openai/gpt-4o", "prompt": "Say something", "estimatedOutputTokens": 500}
    told = (await client.post("/api/analytics/cost-estimation", body)).body
    assert told.keys() == {"modelId", "estimatedCost", "breakdown", "currency"}
    breakdown = told["breakdown"]
    assert breakdown.keys() == {"inputTokens", "inputCost", "outputTokens", "outputCost", "totalCost"}
    assert (told["modelId"], told["currency"], breakdown["outputTokens"]) == (body["modelId"], "USD", 500)
    assert breakdown["inputTokens"] == 9
    assert told["estimatedCost"] == breakdown["totalCost"] > 0
    assert breakdown["inputCost"] + breakdown["outputCost"] == pytest.approx(breakdown["totalCost"])
    unknown = await client.post("/api/analytics/cost-estimation", {**body, "modelId": f"{provider}/unheard-of"})
    assert (unknown.body["estimatedCost"], unknown.body["breakdown"]["totalCost"]) == (None, None)


async def test_usage_is_told_in_a_span(client: Client):
    assert (await client.post("/api/prompts/execute", ECHO)).status == 200
    today = datetime.now(UTC).date()
    for unit in ("day", "week", "month"):
        told = (await client.get(f"/api/analytics/usage?startDate={today - timedelta(days=40)}&groupBy={unit}")).body
        assert told.keys() == {"period", "summary", "byModel", "byDay"}
        assert told["period"].keys() == {"startDate", "endDate"}
        assert told["summary"].keys() == {"totalExecutions", "totalTokens", "totalCost", "averageExecutionTime"}
        assert (told["summary"]["totalExecutions"], told["byModel"][0]["executions"]) == (1, 1)
        assert told["byModel"][0].keys() == {"modelId", "executions", "tokens", "cost"}
        assert told["byDay"][0].keys() == {"date", "executions", "tokens", "cost"}


async def test_templates_keep_their_single_braces(client: Client):
    body = {
        "name": "Decision", "category": "analysis", "description": "d", "isPublic": False, "tags": ["decision"],
        "prompt": 'Context: {context}\nWho: {stakeholders}\nJSON: {"a": {b}}', "variables": ["context", "stakeholders"],
    }  # fmt: skip
    made = await client.post("/api/templates", body)
    assert made.status == 201
    assert made.body.keys() >= TEMPLATE
    assert {name: made.body[name] for name in body} == body
    ours = (await client.person.get(f"/api/templates/{made.body['id']}")).body
    assert ours["prompt"] == 'Context: {{context}}\nWho: {{stakeholders}}\nJSON: {"a": {b}}'
    changed = await client.call("PUT", f"/api/templates/{made.body['id']}", {"name": "Decisions"})
    assert (changed.body["name"], changed.body["prompt"]) == ("Decisions", body["prompt"])
    listed = (await client.get("/api/templates?category=analysis&tags=decision")).body
    assert listed.keys() == {"templates"}
    assert [each["id"] for each in listed["templates"]] == [made.body["id"]]
    assert (await client.call("DELETE", f"/api/templates/{made.body['id']}")).status == 204


async def test_sessions_and_their_history(client: Client, provider: str):
    body = {"name": "S", "description": "d", "projectId": "p-1", "tags": ["a"]}
    session = (await client.post("/api/sessions", body)).body
    assert session.keys() == SESSION
    assert (session["projectId"], session["lastExecuted"]) == ("p-1", None)
    for number in range(3):
        asked = {"modelId": f"{provider}/echo", "prompt": f"Say {number}", "sessionId": session["id"]}
        await client.post("/api/prompts/execute", {**asked, "parameters": {"maxTokens": 9}})
    listed = (await client.get("/api/sessions?projectId=p-1&limit=5&offset=0")).body
    assert listed.keys() == {"sessions", "total", "limit", "offset"}
    assert (listed["total"], listed["limit"], listed["offset"]) == (1, 5, 0)
    assert listed["sessions"][0]["executionCount"] == 3
    told = (await client.get(f"/api/sessions/{session['id']}/history")).body
    assert told.keys() == {"sessionId", "executions", "summary"}
    assert told["sessionId"] == session["id"]
    assert [each["prompt"] for each in told["executions"]] == ["Say 2", "Say 1", "Say 0"]
    assert all(each.keys() == REMEMBERED for each in told["executions"])
    assert told["executions"][0]["parameters"] == {"maxTokens": 9}
    assert told["summary"].keys() == {"totalExecutions", "totalTokens", "totalCost", "averageExecutionTime"}
    assert told["summary"]["totalExecutions"] == 3
    part = (await client.get(f"/api/sessions/{session['id']}/history?limit=1&offset=1")).body
    assert [each["prompt"] for each in part["executions"]] == ["Say 1"]


@pytest.mark.parametrize(("limit", "offset"), [(3, 0), (3, 2), (2, 5), (5, 3), (1, 7), (20, 4), (3, 30)])
async def test_a_window_of_a_list(client: Client, limit: int, offset: int):
    for number in range(8):
        await client.post("/api/sessions", {"name": f"W{number}", "projectId": "w"})
    told = (await client.get(f"/api/sessions?projectId=w&limit={limit}&offset={offset}")).body
    names = [f"W{number}" for number in reversed(range(8))]
    assert [each["name"] for each in told["sessions"]] == names[offset : offset + limit]
    assert (told["total"], told["limit"], told["offset"]) == (8, limit, offset)


async def test_a_probabilistic_test(client: Client, provider: str):
    case = {"input": {"wordToSay": "hi"}, "expectedOutput": {"type": "contains", "keywords": ["hi"]}}
    body = {
        "prompt": "Say {{wordToSay}}",
        "modelId": f"{provider}/echo",
        "testCases": [case],
        "parameters": {"runs": 2, "temperature": 0.2, "evaluationCriteria": ["completeness"]},
    }
    begun = await client.post("/api/evaluation/probabilistic", body)
    assert begun.status == 202, begun.body
    told: dict[str, Any] = {}

    async def ended() -> bool:
        nonlocal told
        told = (await client.get(f"/api/evaluation/{begun.body['testId']}")).body
        return bool(told["status"] == "completed")

    await until(ended, why=lambda: str(told))
    assert told.keys() >= {"testId", "prompt", "modelId", "results", "summary", "recommendations"}
    results = told["results"]
    assert results.keys() == {"totalRuns", "successfulRuns", "successRate", "averageScore", "executions"}
    assert (results["totalRuns"], results["successfulRuns"], results["successRate"]) == (2, 2, 1)
    assert results["averageScore"] == 5
    assert [each["runId"] for each in results["executions"]] == [1, 2]
    first = results["executions"][0]
    assert first.keys() == {"runId", "input", "output", "score", "passed", "feedback"}
    assert (first["input"], first["output"], first["passed"]) == ({"wordToSay": "hi"}, "Say hi", True)
    assert told["summary"] == {"completeness": None, "relevance": None, "structure": None}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "field"),
    [
        ("POST", "/api/prompts/execute", {"modelId": "nope/x", "prompt": "x"}, 404, "modelId"),
        ("POST", "/api/prompts/execute", {**ECHO, "parameters": {"topP": 7}}, 400, "parameters.topP"),
        ("POST", "/api/prompts/execute/stream", {"prompt": "x"}, 400, "modelId"),
        ("POST", "/api/sessions", {"projectId": 7}, 400, "name"),
        (
            "POST", "/api/analytics/cost-estimation", {**ECHO, "estimatedOutputTokens": 0}, 400,
            "estimatedOutputTokens",
        ),
        ("POST", "/api/analytics/cost-estimation", {**ECHO, "callsPerDay": 0}, 400, "callsPerDay"),
        ("GET", "/api/sessions/00000000-0000-0000-0000-000000000000/history", None, 404, None),
        ("GET", "/api/sessions?limit=0", None, 400, None),
        ("GET", "/api/sessions?limit=x", None, 400, None),
        ("GET", "/api/analytics/usage?startDate=2026-02-01&endDate=2026-01-01", None, 400, "endDate"),
        ("GET", "/api/analytics/usage?startDate=soon", None, 400, "startDate"),
        ("GET", "/api/analytics/usage?groupBy=hour", None, 400, None),
        ("GET", "/api/nowhere", None, 404, None),
        ("POST", "/api/prompts/execute", {"modelId": "a/b", "model_id": "a/b", "prompt": "x"}, 400, None),
        ("POST", "/api/prompts/execute", ["x"], 400, None),
    ],
)  # fmt: skip
async def test_refusals(client: Client, method: str, path: str, body: Any, status: int, field: str | None):
    answer = await client.call(method, path, body)
    assert answer.status == status, answer.body
    assert answer.body.keys() == {"error"}
    error = answer.body["error"]
    assert error.keys() == {"code", "message", "details", "timestamp"}
    assert error["code"]
    assert error["message"]
    if field:
        assert field in [each["field"] for each in error["details"]["errors"]]


async def test_who_is_not_signed_in_and_broken_json_are_told_alike(anonymous: Person, client: Client):
    answer = await Client(anonymous).get("/api/models")
    assert (answer.status, answer.body["error"]["code"]) == (401, "not_authenticated")
    assert answer.headers["WWW-Authenticate"]
    answer = await client.call("POST", "/api/sessions", data=b"{nope")
    assert (answer.status, answer.body["error"]["code"]) == (400, "malformed_json")
    deep = b'{"name": ' + b"[" * 900 + b"]" * 900 + b"}"
    answer = await client.call("POST", "/api/sessions", data=deep)
    assert (answer.status, answer.body["error"]["details"]["errors"][0]["code"]) == (400, "too_deep")


@pytest.mark.parametrize("is_field", [False, True], ids=["by address", "by field"])
async def test_a_stream_has_frames_of_its_own(author: Person, provider: str, is_field: bool):
    path = "/api/prompts/execute" if is_field else "/api/prompts/execute/stream"
    body = {"modelId": f"{provider}/tokens-8", "prompt": "x", **({"stream": True} if is_field else {})}
    frames = await read_frames(author, path, body)
    assert frames[0]["type"] == "start"
    assert frames[0].keys() >= {"executionId", "modelId"}
    assert "".join(each["content"] for each in frames if each["type"] == "content")
    assert (frames[-1]["type"], frames[-1]["status"]) == ("end", "completed")
    assert frames[-1]["usage"].keys() >= USAGE
    assert {each["type"] for each in frames} == {"start", "content", "end"}


async def test_a_stream_tells_tools_and_failures(author: Person, provider: str):
    script = '[[["calculator", {"expression": "6 * 7"}]]]'
    body = {"modelId": f"{provider}/tool-script", "prompt": script, "tools": [{"name": "calculator"}]}
    frames = await read_frames(author, "/api/prompts/execute/stream", body)
    types = [each["type"] for each in frames]
    assert types.index("tool_call") < types.index("tool_result") < types.index("end")
    frames = await read_frames(
        author, "/api/prompts/execute/stream", {"modelId": f"{provider}/fault-400", "prompt": "x"}
    )
    assert frames[-1]["type"] == "end"
    assert frames[-1]["error"].keys() == {"code", "message", "details", "timestamp"}


async def read_frames(person: Person, path: str, body: Any) -> list[dict[str, Any]]:
    """Every frame's JSON; the frames have no `event:` line, which DADMS's clients do not listen to."""
    import aiohttp
    import orjson

    async with (
        aiohttp.ClientSession() as session,
        session.post(person.url + path, json=body, headers={**person.headers, **PROFILE}) as response,
    ):
        assert response.status == 200
        assert response.content_type == "text/event-stream"
        text = (await response.read()).decode()
    assert "event:" not in text
    return [orjson.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]


async def test_files_and_other_doors_go_through(client: Client, author: Person):
    template = (await client.post("/api/templates", {
        "name": "T", "category": "c", "description": "", "prompt": "Say {word}", "variables": ["word"], "tags": [],
    })).body  # fmt: skip
    answer = await author.call("GET", f"/api/templates/{template['id']}/export?format=python-openai", headers=PROFILE)
    assert (answer.status, answer.headers["Content-Type"].partition(";")[0]) == (200, "text/x-python")
    versions = await client.get(f"/api/templates/{template['id']}/versions")
    assert "contentHash" in versions.body["results"][0]
    sent = {**PROFILE, "Content-Type": "text/csv"}
    answer = await author.call(
        "POST", "/api/templates/import?dry_run=true", data=b"act,prompt\nPoet,Write a poem\n", headers=sent
    )
    assert (answer.status, answer.body["dryRun"]) == (200, True)


async def test_without_the_media_type_all_is_as_it_was(author: Person):
    answer = await author.get("/api/models", headers={"Accept": "application/json"})
    assert answer.body.keys() == {"count", "next", "previous", "results"}
