"""The API's description says what the API does: every path, every field, and examples that hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.urls import get_resolver
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator

from accounts.closed_door import is_open
from config.urls import described
from foundation.database.threads import in_database_thread
from playground.bodies.execution import ExecuteSerializer
from providers.models import CatalogueModel
from tests.cast import Person
from tests.doors.browser import Browser
from tests.doors.conftest import BrowserOf

METHODS = {"get", "post", "put", "patch", "delete"}
PROMPT_EXECUTION = {
    "id", "session_id", "user_id", "model_id", "prompt", "system_prompt", "messages", "parameters", "context", "tools",
    "response", "reasoning", "usage", "tool_executions", "execution_time", "timestamp", "status", "error", "template",
    "variables", "metadata",
}  # fmt: skip
METADATA = {
    "time_to_first_token", "provider", "attempts", "cached", "finish_reason", "request_id", "dropped_parameters",
}  # fmt: skip
MODEL = {
    "id", "name", "provider", "context_window", "max_output_tokens", "capabilities", "pricing", "available",
    "unavailable_reason", "parameters",
}  # fmt: skip
STATUS = {"provider", "status", "latency_ms", "last_error", "breaker", "checked_at", "models"}
USAGE = {"prompt_tokens", "completion_tokens", "total_tokens", "estimated_cost"}
SERVED = ("/api/", "/health", "/v1/", "/mcp")
WAYS_IN: dict[str, Any] = {
    "/v1/": [{"bearer": []}, {"api_key": []}],
    "/mcp": [{"bearer": []}],
    "/": [{"bearer": []}, {"session": []}],
}
"""By the beginning of an address: what is for programs alone takes no browser's session."""
PAGE = {"count", "next", "previous", "results"}


@pytest.fixture
async def schema(author: Person) -> dict[str, Any]:
    """The document as the service gives it."""
    answer = await author.get("/api/schema")
    assert answer.status == 200
    return dict(answer.body)


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and operation of everything that is described."""
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield path, method, operation


def inside(node: Any) -> Iterator[Any]:
    """Every object below a node, the node first."""
    yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from inside(inner)


def looked_up(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """What a reference means."""
    while "$ref" in node:
        found: Any = schema
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def faults(schema: dict[str, Any], node: dict[str, Any], value: Any, path: str = "") -> Iterator[str]:
    """Where a value is not what the schema says, as far as types, names and choices go."""
    node = looked_up(schema, node)
    for part in node.get("allOf", []):
        yield from faults(schema, part, value, path)
    choices = node.get("oneOf") or node.get("anyOf")
    if choices and all(list(faults(schema, choice, value, path)) for choice in choices):
        yield f"{path}: none of the choices"
    types = {
        "object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool,
        "null": type(None),
    }  # fmt: skip
    named = node.get("type")
    allowed = [named] if isinstance(named, str) else named or []
    if allowed and not any(isinstance(value, types[name]) for name in allowed):  # type: ignore[arg-type]
        yield f"{path}: {type(value).__name__} is none of {allowed}"
    if "const" in node and value != node["const"]:
        yield f"{path}: {value!r} is not {node['const']!r}"
    if "enum" in node and value not in node["enum"]:
        yield f"{path}: {value!r} is none of {node['enum']}"
    if isinstance(value, dict):
        yield from (f"{path}.{name}: missing" for name in node.get("required", []) if name not in value)
        if "properties" in node and "additionalProperties" not in node:
            yield from (f"{path}.{name}: not described" for name in value.keys() - node["properties"].keys())
        for name, inner in node.get("properties", {}).items():
            if name in value:
                yield from faults(schema, inner, value[name], f"{path}.{name}")
    if isinstance(value, list) and "items" in node:
        for position, inner in enumerate(value):
            yield from faults(schema, node["items"], inner, f"{path}.{position}")


async def test_it_is_an_openapi_3_1_document(schema: dict[str, Any]):
    assert schema["openapi"].startswith("3.1")
    assert schema["info"].keys() >= {"title", "version"}
    names = [operation["operationId"] for _, _, operation in operations(schema)]
    assert len(names) == len(set(names)) > 8
    for path, method, operation in operations(schema):
        place = f"{method} {path}"
        assert path.startswith(SERVED), place
        assert operation["responses"], place
        parameters = [looked_up(schema, parameter) for parameter in operation.get("parameters", [])]
        in_path = {parameter["name"] for parameter in parameters if parameter["in"] == "path"}
        assert in_path == set(re.findall(r"{([^}]+)}", path)), place
        assert all(parameter["required"] for parameter in parameters if parameter["in"] == "path"), place
        for status, response in operation["responses"].items():
            assert re.fullmatch(r"[1-5]\d\d|default", status), place
            assert "description" in response, place
        if method == "get":
            assert "requestBody" not in operation, place
    for node in inside(schema):
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            assert looked_up(schema, node)
        if isinstance(node, dict) and "nullable" in node:
            assert isinstance(node["nullable"], dict), "nullable is of OpenAPI 3.0"


async def test_every_path_of_the_api_is_described(schema: dict[str, Any]):
    routes = {
        "/" + re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", str(entry.pattern)) for entry in get_resolver().url_patterns
    }
    served = {route for route in routes if route.startswith(SERVED)}
    assert set(schema["paths"]) == served - {
        "/api/schema",
        "/api/docs",
        "/api/docs/{slug}",
        "/api/{rest}",
        "/v1/{rest}",
    }


async def test_every_door_says_how_to_come_in(schema: dict[str, Any]):
    schemes = schema["components"]["securitySchemes"]
    assert any(scheme.get("scheme") == "bearer" for scheme in schemes.values())
    assert schemes["api_key"]["name"] == "X-Api-Key"
    for path, method, operation in operations(schema):
        allowed = operation.get("security", schema.get("security", []))
        if is_open(path):
            assert operation["security"] == [], path
        else:
            assert allowed, (method, path)
            assert allowed == next(ways for below, ways in WAYS_IN.items() if path.startswith(below)), (method, path)


async def test_examples_hold(schema: dict[str, Any]):
    seen = 0
    for path, _, operation in operations(schema):
        content = operation.get("requestBody", {}).get("content", {})
        for body in content.values():
            for example in body.get("examples", {}).values():
                seen += 1
                assert list(faults(schema, body["schema"], example["value"])) == [], path
                if path.startswith("/api/prompts/"):
                    assert ExecuteSerializer().run_validation(example["value"])
    assert seen >= 2


async def test_the_document_agrees_with_the_contract(schema: dict[str, Any]):
    components = schema["components"]["schemas"]
    assert set(components["PromptExecution"]["properties"]) >= PROMPT_EXECUTION
    assert set(components["Model"]["properties"]) >= MODEL
    assert set(components["ProviderStatus"]["properties"]) >= STATUS
    asked = looked_up(schema, {"$ref": "#/components/schemas/ExecuteRequest"})["properties"]
    assert {"session_id", "model_id", "prompt", "messages", "system_prompt", "parameters", "context", "tools"} <= set(
        asked
    )


async def test_what_the_service_answers_is_what_it_describes(author: Person, provider: str, schema: dict[str, Any]):
    components = schema["components"]["schemas"]
    tool = {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}
    turns = [{"role": "user", "content": "before"}, {"role": "assistant", "content": "answer"}]
    answers = [
        await author.execute(f"{provider}/echo", messages=turns, context={"a": 1}, parameters={"temperature": 0.5}),
        await author.execute(f"{provider}/reasoning", system_prompt="Be kind"),
        await author.execute(f"{provider}/tool-call", '{"city": "Oslo"}', tools=[tool]),
    ]
    bodies = [answer.body for answer in answers]
    bodies.append((await author.events(f"{provider}/fault-cut-at-5"))[-1].data)
    for body in bodies:
        assert body.keys() >= PROMPT_EXECUTION
        assert body["usage"].keys() >= USAGE
        assert body["metadata"].keys() >= METADATA
        assert list(faults(schema, components["PromptExecution"], body)) == []
    assert bodies[-1]["error"].keys() == {"code", "message"}
    assert bodies[2]["tool_executions"][0].keys() >= {"id", "tool_name", "arguments", "status"}


async def test_models_and_providers_are_told_as_described(author: Person, provider: str, schema: dict[str, Any]):
    components = schema["components"]["schemas"]
    row = {
        "id": f"{provider}/echo",
        "provider": provider,
        "overrides": {"context_window": 4096, "input_per_million": 1},
    }
    await in_database_thread(CatalogueModel.objects.create, **row)
    models = (await author.get(f"/api/models?provider={provider}")).body
    assert models.keys() == PAGE
    one = (await author.get(f"/api/models/{provider}/echo")).body
    assert list(faults(schema, components["OneModel"], one)) == []
    assert one.pop("used_by") == []
    assert models["results"] == [one]
    assert one.keys() >= MODEL
    assert list(faults(schema, components["Model"], one)) == []
    assert all(limits.keys() >= {"min", "max", "default", "supported"} for limits in one["parameters"].values())
    statuses = (await author.get("/api/providers/status")).body
    assert statuses.keys() == PAGE
    for status in statuses["results"]:
        assert status.keys() >= STATUS
        assert list(faults(schema, components["ProviderStatus"], status)) == []


async def test_a_problem_is_told_as_described(author: Person, schema: dict[str, Any]):
    problem = schema["components"]["schemas"]["Problem"]
    for answer in (
        await author.execute("nobody-here/x"),
        await author.execute("openai/echo", parameters={"temperature": 9}),
        await author.get("/api/executions/6c1f0f8c-7f0e-4c39-9d0a-3f1f5d1f7a10"),
        await author.get("/api/nothing"),
        await Person(author.url, None).get("/api/auth/me"),
    ):
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert list(faults(schema, problem, answer.body)) == []


async def test_the_explorer_loads_nothing_from_elsewhere(author: Person, browser_of: BrowserOf):
    browser: Browser = await in_database_thread(browser_of, author)
    page = await browser.get("/api/docs")
    assert page.status == 200
    loaded = re.findall(r"""(?:src|href)=["']([^"']+)["']""", page.text)
    assert loaded
    for address in loaded:
        assert address.startswith(("/", "data:", "#")), address
        assert not address.startswith("//"), address
    for address in (address for address in loaded if address.startswith("/static/")):
        assert (await browser.get(address)).status == 200, address
    assert "<script>" not in page.text


async def test_the_document_tells_no_secret_and_no_host(author: Person):
    answer = await author.get("/api/schema")
    text = str(answer.body)
    for word in ("sk-simulator", "127.0.0.1", "localhost", str(settings.BASE_DIR), "postgres"):
        assert word not in text


def test_the_description_is_made_without_a_doubt():
    GENERATOR_STATS.reset()
    made = SchemaGenerator(patterns=described).get_schema(public=True)  # type: ignore[no-untyped-call]
    assert len(made["paths"]) > 50
    assert not GENERATOR_STATS
