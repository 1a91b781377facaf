"""What the document says of answers is what comes: pages, events, files, refusals."""

from __future__ import annotations

import json
import uuid
from typing import Any

import aiohttp
import pytest

from accounts.models import Team, User
from evaluation_app.datasets.formats.registry import FORMATS as OF_DATASETS
from evaluation_app.export.registry import FORMATS as OF_TESTS
from events.models import Kind
from events.notifications.writing import notify
from foundation.database.threads import in_database_thread
from history.export.registry import FORMATS
from templates_app.export_code.formats import FORMATS as CODE
from tests.cast import Person, new_user
from tests.doors.test_schema import faults, looked_up, operations, schema
from tests.monitoring.rows import an_error
from tests.playground.gateway.test_traces import CALL, as_json
from tests.waiting import until

__all__ = ["schema"]

PROBLEM = "application/problem+json"
HEADERS_OF_PROBLEMS = {401: "WWW-Authenticate", 429: "Retry-After"}


def answer_of(schema: dict[str, Any], path: str, method: str, status: int) -> dict[str, Any]:
    """What is said of this answer."""
    return looked_up(schema, schema["paths"][path][method]["responses"][str(status)])


def team_of(manager: Person) -> str:
    """A team of an organisation that this person manages, who is in it."""
    assert manager.user is not None
    key = uuid.uuid4().hex
    User.objects.filter(id=manager.user.id).update(organisation=key, organisation_role="manager")
    team = Team.objects.create(name="T", organisation=key)
    team.members.add(manager.user)
    return str(team.id)


def notified(person: Person) -> None:
    """Tells them of something."""
    assert person.user is not None
    notify(Kind.ANOMALY, people=[person.user.id], payload={"metric": "cost"})


async def test_lists_are_told_as_the_pages_that_they_are(author: Person, provider: str, schema: dict[str, Any]):
    session = (await author.post("/api/sessions", {"name": "S"})).body["id"]
    template = (await author.post("/api/templates", {"name": "T", "category": "c", "prompt": "p"})).body["id"]
    label = f"/api/templates/{template}/labels/production"
    await author.call("PUT", label, {"version": 1})
    await author.call("PATCH", f"/api/templates/{template}", {"prompt": "q"})
    await author.call("PUT", f"{label}/split", {"version": 2, "share": 10})
    await author.call("PUT", f"{label}/protection")
    await author.post(f"{label}/requests", {"act": "remove", "reason": "x"})
    await author.post("/api/templates", {"name": "Outer", "category": "c", "prompt": "{{> t}}"})
    execution = (await author.execute(f"{provider}/echo", session_id=session)).body["id"]
    await author.post(f"/api/executions/{execution}/comments", {"text": "Good"})
    await author.call("PUT", f"/api/executions/{execution}/rating", {"thumb": "up"})
    asked = {"name": "T", "prompt": "p", "model_id": f"{provider}/echo", "test_cases": [{}], "parameters": {"runs": 1}}
    test = (await author.post("/api/evaluation/probabilistic", asked)).body["id"]
    cases = [{"input": {"word": "x"}, "expected_output": {"type": "exact", "value": "x"}}]
    dataset = (await author.post("/api/datasets", {"name": "D", "cases": cases})).body["id"]
    suite = (await author.post("/api/suites", {"name": "S", "tests": [asked]})).body["id"]
    await author.post(f"/api/suites/{suite}/run", {})
    scorers = [{"scorer": "contains", "params": {"keywords": ["Rain"]}}]
    rule = {"name": "R", "share": 100, "budget_per_day": 0, "scorers": scorers}
    rule_id = (await author.post("/api/evaluation/scoring-rules", rule)).body["id"]
    await author.post("/v1/traces", as_json(CALL))
    webhook = (await author.post("/api/webhooks", {"name": "W", "url": "https://example.com/hook"})).body["id"]
    await author.post(f"/api/webhooks/{webhook}/test")
    await in_database_thread(notified, author)

    async def reviewed() -> Any:
        review = {"test_id": test, "name": "R", "rubric": {"text": "Is it right?"}}
        made = await author.post("/api/reviews", review)
        return made.body["id"] if made.status == 201 else None

    review = await until(reviewed)
    item = (await author.post(f"/api/reviews/{review}/next", {})).body["item"]["id"]
    await author.post(f"/api/reviews/{review}/items/{item}", {"passed": True})
    wanted = {"model_id": f"{provider}/json", "kinds": ["edge"], "count": 1}
    await author.post(f"/api/datasets/{dataset}/proposals", wanted)
    names = {
        "team_id": await in_database_thread(team_of, author),
        "dataset_id": dataset,
        "suite_id": suite,
        "review_id": review,
        "rule_id": rule_id,
        "webhook_id": webhook,
        "test_id": test,
        "session_id": session,
        "template_id": template,
        "execution_id": execution,
        "label": "production",
    }
    await in_database_thread(an_error, "one")
    admin = Person(author.url, await in_database_thread(lambda: new_user(roles=["admin"])))
    pages = 0
    for path, method, operation in operations(schema):
        parameters = {each["name"] for each in operation.get("parameters", ())}
        if method != "get" or not (parameters & {"page", "cursor"} or path == "/api/providers/status"):
            continue
        pages += 1
        asker = admin if path.startswith("/api/monitoring/") else author
        body = (await asker.get(path.format(**names))).body
        told = answer_of(schema, path, method, 200)["content"]["application/json"]["schema"]
        assert body["results"], path
        assert looked_up(schema, told)["required"], path
        assert list(faults(schema, told, body)) == [], path
    assert pages >= 9


SHAPES = {
    "/v1/messages": ("application/json", "AnthropicError"),
    "/v1/traces": ("application/json", "RpcStatus"),
    "/v1/": ("application/json", "OpenAIError"),
    "/mcp": ("application/json", "McpError"),
    "/": (PROBLEM, "Problem"),
}
"""By the beginning of an address, the first that fits: what its clients read."""


async def test_every_operation_tells_its_refusals_as_one_problem(schema: dict[str, Any]):
    for path, method, operation in operations(schema):
        place, answers = (method, path), operation["responses"]
        refused = {int(status): told for status, told in answers.items() if int(status) >= 400}
        refused = {status: told for status, told in refused.items() if path != "/health" or status != 503}
        wanted = {400} | ({401} if operation["security"] else set()) | (set() if path.startswith("/health") else {503})
        wanted |= {413} if method != "get" else set()
        wanted |= {404} if "{" in path else set()
        headers = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "header"}
        wanted |= {412} if "If-Match" in headers else set()
        kind, shape = next(told for below, told in SHAPES.items() if path.startswith(below))
        wanted |= {422} if "Idempotency-Key" in headers else set()
        assert refused.keys() >= wanted, place
        for status, told in refused.items():
            content = told["content"]
            assert {name: each["schema"] for name, each in content.items()} == {
                kind: {"$ref": f"#/components/schemas/{shape}"}
            }, place
            assert told["description"], place
            if name := HEADERS_OF_PROBLEMS.get(status):
                assert told["headers"][name]["required"] is True, place
        assert all("X-Request-Id" in told["headers"] for told in answers.values()), place


async def test_a_stream_is_told_event_by_event(author: Person, provider: str, schema: dict[str, Any]):
    told = answer_of(schema, "/api/prompts/execute/stream", "post", 200)["content"]["text/event-stream"]["schema"]
    shapes = {
        shape["properties"]["event"]["const"]: shape["properties"]["data"]["contentSchema"]
        for shape in looked_up(schema, told)["oneOf"]
    }
    tool = {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}
    events = [
        *await author.events(f"{provider}/reasoning"),
        *await author.events(f"{provider}/tool-call", '{"city": "Oslo"}', tools=[tool]),
        *await author.events(f"{provider}/fault-cut-at-5"),
        *await author.events(f"{provider}/fault-503", parameters={"fallback_models": [f"{provider}/echo"]}),
    ]
    seen = {event.kind for event in events}
    assert seen >= {"started", "token", "reasoning", "tool_call", "fallback", "usage", "completed", "failed"}
    for event in events:
        assert list(faults(schema, shapes[event.kind], event.data)) == [], event


async def kind_of(author: Person, path: str) -> str:
    """The media type of what is sent."""
    async with (
        aiohttp.ClientSession() as client,
        client.get(author.url + path, headers=author.headers) as response,
    ):
        assert response.status == 200
        assert response.headers["Content-Disposition"].startswith("attachment")
        return response.content_type


async def an_ended_test(author: Person, provider: str) -> str:
    """A test that has results."""
    asked = {"name": "T", "prompt": "p", "model_id": f"{provider}/echo", "test_cases": [{}], "parameters": {"runs": 1}}
    test = (await author.post("/api/evaluation/probabilistic", asked)).body["id"]

    async def has_results() -> bool:
        return (await author.get(f"/api/evaluation/{test}")).body["results"] is not None

    await until(has_results)
    return str(test)


async def test_files_have_the_types_that_are_told(author: Person, provider: str, schema: dict[str, Any]):
    session = (await author.post("/api/sessions", {"name": "S"})).body["id"]
    template = (await author.post("/api/templates", {"name": "T", "category": "c", "prompt": "p"})).body["id"]
    test = await an_ended_test(author, provider)
    dataset = (await author.post("/api/datasets", {"name": "D"})).body["id"]
    doors = {
        "/api/datasets/{dataset_id}/export": list(OF_DATASETS),
        "/api/evaluation/{test_id}/export": list(OF_TESTS),
        "/api/sessions/{session_id}/export": list(FORMATS),
        "/api/templates/{template_id}/export": ["json", "yaml", *CODE],
        "/api/templates/export": ["json", "yaml"],
    }
    for path, formats in doors.items():
        address = path.format(session_id=session, template_id=template, test_id=test, dataset_id=dataset)
        sent = {await kind_of(author, f"{address}?format={each}") for each in formats}
        assert set(answer_of(schema, path, "get", 200)["content"]) == sent, path


async def test_the_newest_fields_are_told(schema: dict[str, Any]):
    components = schema["components"]["schemas"]
    assert "max_cost" in components["ParametersRequest"]["properties"]
    assert "resting_models" in components["ProviderStatus"]["properties"]
    assert components["ExecuteRequest"]["additionalProperties"] is False


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/prompts/execute", "POST"),
        ("TRACE", "/health", "GET, HEAD"),
        ("PUT", "/health/live", "GET, HEAD"),
        ("POST", "/api/executions/6c1f0f8c-7f0e-4c39-9d0a-3f1f5d1f7a10", "GET"),
        ("GET", "/api/comparisons", "POST"),
        ("PATCH", "/api/models", "GET"),
    ],
)
async def test_a_method_that_is_not_taken_is_a_problem_that_names_the_others(
    author: Person, method: str, path: str, allowed: str
):
    refused = await author.call(method, path)
    assert (refused.status, refused.body["code"]) == (405, "method_not_allowed")
    assert refused.headers["Content-Type"] == PROBLEM
    assert set(allowed.split(", ")) <= set(refused.headers["Allow"].split(", "))
    assert method not in refused.headers["Allow"]


async def test_json_of_another_type_is_refused_where_it_stands(author: Person, provider: str):
    session = (await author.post("/api/sessions", {"name": "S"})).body["id"]
    template = {"name": "T", "category": "c", "prompt": "p"}
    model = f"{provider}/echo"
    wrong: list[tuple[str, str, dict[str, Any], str]] = [
        ("POST", "/api/sessions", {"name": 0}, "name"),
        ("PATCH", f"/api/sessions/{session}", {"archived": "true"}, "archived"),
        ("PATCH", f"/api/sessions/{session}", {"tags": ["a", 1]}, "tags.1"),
        ("POST", "/api/templates", {**template, "is_public": 1}, "is_public"),
        (
            "POST",
            "/api/templates",
            {**template, "default_parameters": {"temperature": "0.5"}},
            "default_parameters.temperature",
        ),
        (
            "POST",
            "/api/templates",
            {**template, "variables": [{"name": "a", "required": "no"}]},
            "variables.0.required",
        ),
        ("POST", "/api/prompts/execute", {"model_id": model, "prompt": 0}, "prompt"),
        ("POST", "/api/prompts/execute/stream", {"model_id": model, "prompt": True}, "prompt"),
        (
            "POST",
            "/api/comparisons",
            {"prompt": "p", "variants": [{"model_id": model}, {"model_id": model, "prompt": 1}]},
            "variants.1.prompt",
        ),
        ("POST", "/api/auth/token", {"username": 1, "password": "p"}, "username"),
    ]
    for method, path, body, field in wrong:
        refused = await author.call(method, path, body)
        assert refused.status == 400, (path, body)
        assert [error["field"] for error in refused.body["errors"]] == [field], (path, body)
    assert (await author.get("/api/sessions?archived=false&page_size=1")).status == 200


async def test_a_schema_for_the_answer_has_a_name_that_is_text(author: Person):
    odd = {"type": "json_schema", "json_schema": {"name": {}, "schema": {}}}
    refused = await author.post("/api/templates/lint", {"prompt": "p", "default_parameters": {"response_format": odd}})
    assert (refused.status, refused.body["errors"][0]["field"]) == (
        400,
        "default_parameters.response_format.json_schema.name",
    )


async def test_models_are_filtered_by_values_that_mean_something(author: Person):
    for query in ("available=perhaps", "page_size=none", "page=0", "vendor=openai"):
        refused = await author.get(f"/api/models?{query}")
        assert (refused.status, refused.body["errors"][0]["field"]) == (400, query.partition("=")[0])
    assert (await author.get("/api/models?available=true&search=")).status == 200


async def test_whoever_is_not_known_is_told_how_to_come_in(author: Person):
    stranger = Person(author.url, None)
    wrong = {"username": "nobody-of-that-name", "password": json.dumps("x")}
    for refused in (
        await stranger.post("/api/auth/token", wrong),
        await stranger.post("/api/auth/token/refresh", {"refresh": "x"}),
        await stranger.get("/api/sessions"),
    ):
        assert refused.status == 401
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")
