"""The official client of MCP against `/mcp`: each tool, whose right it is, and who is turned away (T21, T27)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import httpx2
import pytest
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client

from accounts.bearer import api_tokens
from foundation.database.threads import in_database_thread
from playground.models import PromptExecution
from tests.cast import Person
from tests.waiting import until

LETTER = {"name": "Letter", "category": "Tests", "prompt": "Hello {{name}}", "system_prompt": "Be kind"}
HELLO = {"jsonrpc": "2.0", "id": 1, "method": "ping"}


@asynccontextmanager
async def connected(person: Person, *, mode: Any = "auto") -> AsyncIterator[Client]:
    """The official client of this person."""
    async with httpx2.AsyncClient(headers=person.headers, timeout=60) as http:
        transport = streamable_http_client(f"{person.url}/mcp", http_client=http)
        async with Client(transport, mode=mode) as client:
            yield client


async def called(person: Person, tool: str, /, **arguments: Any) -> Any:
    """The result of one call."""
    async with connected(person) as client:
        return await client.call_tool(tool, arguments)


async def token_of(person: Person, *scopes: str) -> Person:
    """The same person with an API token of these scopes."""
    assert person.user is not None
    user = person.user

    def made() -> str:
        return api_tokens.make(user=user, name=" ".join(scopes), scopes=scopes, expires_in_days=1, made_by=user)[1]

    return Person(person.url, user, token=await in_database_thread(made))


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_client_connects_and_lists(author: Person, mode: str):
    async with connected(author, mode=mode) as client:
        assert client.protocol_version == "2025-11-25"
        assert client.server_info is not None
        assert client.server_info.name == "llm-playground"
        await client.send_ping()
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(tools) == {
        "list_templates", "get_template", "render_template", "run_template", "run_prompt", "compare",
        "evaluate", "evaluation",
    }  # fmt: skip
    reading, running = tools["list_templates"].annotations, tools["run_prompt"].annotations
    assert reading is not None
    assert running is not None
    assert (reading.read_only_hint, running.read_only_hint) == (True, False)
    assert (running.destructive_hint, running.open_world_hint) == (False, True)


async def test_templates_are_listed_told_and_rendered(author: Person):
    made = (await author.post("/api/templates", LETTER)).body
    listed = await called(author, "list_templates", owner="me")
    assert [each["id"] for each in listed.structured_content["templates"]] == [made["id"]]
    assert '"count":1' in listed.content[0].text
    for name in (made["id"], made["slug"]):
        told = await called(author, "get_template", template=name)
        assert told.structured_content["prompt"] == "Hello {{name}}"
    rendered = await called(author, "render_template", template=made["slug"], variables={"name": "Ada"})
    assert rendered.structured_content["prompt"] == "Hello Ada"
    assert rendered.structured_content["version"] == 1


async def test_runs_are_those_of_the_rest_api(author: Person, provider: str):
    made = (await author.post("/api/templates", LETTER)).body
    model = f"{provider}/echo"
    ran = await called(author, "run_template", template=made["slug"], variables={"name": "Ada"}, model_id=model)
    assert ran.structured_content["response"] == "Hello Ada"
    kept = (await author.get(f"/api/executions/{ran.structured_content['id']}")).body
    assert kept["metadata"]["door"] == "mcp"
    assert kept["template"]["id"] == made["id"]
    prompted = await called(author, "run_prompt", prompt="Say this", model_id=model)
    assert prompted.structured_content["response"] == "Say this"
    assert not prompted.is_error


async def test_a_comparison_gives_all_answers(author: Person, provider: str):
    variants = [{"model_id": f"{provider}/echo"}, {"model_id": f"{provider}/echo", "prompt": "Other"}]
    compared = await called(author, "compare", prompt="Hello", variants=variants)
    told = compared.structured_content
    assert [each["response"] for each in told["executions"]] == ["Hello", "Other"]
    assert (await author.get(f"/api/comparisons/{told['id']}")).status == 200


async def test_a_test_is_begun_and_told(author: Person, provider: str):
    made = (await author.post("/api/templates", LETTER)).body
    asked = {
        "name": "T",
        "template": made["slug"],
        "model_id": f"{provider}/echo",
        "test_cases": [{"input": {"name": "Ada"}, "expected_output": {"type": "contains", "keywords": ["Ada"]}}],
        "parameters": {"runs": 2},
    }
    begun = await called(author, "evaluate", **asked)
    assert not begun.is_error, begun.content
    told = await called(author, "evaluation", test_id=begun.structured_content["id"])
    assert told.structured_content["name"] == "T"
    assert told.structured_content["role"] == "owner"


async def test_what_does_not_hold_is_an_error_that_names_it(author: Person, provider: str):
    missing = await called(author, "get_template", template="nowhere")
    assert missing.is_error
    assert missing.structured_content["code"] == "not_found"
    assert "nowhere" in missing.content[0].text
    odd = await called(author, "list_templates", page="one")
    assert odd.is_error
    assert odd.structured_content["errors"][0]["field"] == "page"
    more = await called(author, "run_prompt", prompt="x", model_id=f"{provider}/echo", api_base="http://127.0.0.1")
    assert more.is_error
    broken = await called(author, "run_prompt", prompt="x", model_id=f"{provider}/fault-400")
    assert broken.is_error
    async with connected(author) as client:
        with pytest.raises(MCPError, match="There is no tool"):
            await client.call_tool("nope", {})


async def test_somebody_elses_things_are_not_there(author: Person, stranger: Person, provider: str):
    made = (await author.post("/api/templates", LETTER)).body
    for name, more in (
        ("get_template", {}),
        ("render_template", {}),
        ("run_template", {"model_id": f"{provider}/echo"}),
    ):
        refused = await called(stranger, name, template=made["id"], **more)
        assert refused.is_error
        assert refused.structured_content["code"] == "not_found"
    body = {"name": "T", "prompt": "x", "model_id": f"{provider}/echo", "test_cases": [{}], "parameters": {"runs": 1}}
    begun = (await author.post("/api/evaluation/probabilistic", body)).body
    assert (await called(stranger, "evaluation", test_id=begun["id"])).structured_content["code"] == "not_found"
    assert (await called(stranger, "list_templates", owner="me")).structured_content["count"] == 0


async def test_t21_a_token_offers_and_runs_what_its_scopes_open(author: Person, provider: str):
    made = (await author.post("/api/templates", LETTER)).body
    reader = await token_of(author, "read")
    async with connected(reader) as client:
        names = {tool.name for tool in (await client.list_tools()).tools}
        assert names == {"list_templates", "get_template", "render_template", "evaluation"}
        assert not (await client.call_tool("get_template", {"template": made["id"]})).is_error
        for name, arguments in (
            ("run_prompt", {"prompt": "x", "model_id": f"{provider}/echo"}),
            ("evaluate", {"name": "T", "parameters": {"runs": 1}}),
        ):
            refused: Any = await client.call_tool(name, arguments)
            assert refused.is_error
            assert refused.structured_content["code"] == "insufficient_scope"
    runner = await token_of(author, "execute")
    async with connected(runner) as client:
        assert "list_templates" not in {tool.name for tool in (await client.list_tools()).tools}
        with pytest.raises(MCPError, match="scope"):
            await client.list_prompts()


async def test_nobody_and_a_revoked_token_are_turned_away(author: Person, anonymous: Person):
    nobody = await anonymous.post("/mcp", HELLO)
    assert (nobody.status, nobody.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert nobody.body["error"]["data"]["code"] == "not_authenticated"
    person = await token_of(author, "read")
    token = (await author.get("/api/auth/tokens")).body["results"][0]
    assert (await author.call("DELETE", f"/api/auth/tokens/{token['id']}")).status < 300
    refused = await person.post("/mcp", HELLO)
    assert refused.status == 401
    assert "invalid_token" in refused.headers["WWW-Authenticate"]
    held = await token_of(author, "execute")
    assert (await held.post("/mcp", HELLO)).body == {"jsonrpc": "2.0", "id": 1, "result": {}}


async def test_a_page_of_another_site_is_no_client(author: Person):
    for origin, status in (("https://evil.example", 403), ("null", 403), (author.url, 200)):
        assert (await author.post("/mcp", HELLO, headers={"Origin": origin})).status == status


async def test_what_is_no_message_is_refused(author: Person):
    for body in ([HELLO], {"id": 1, "method": "ping"}, {**HELLO, "id": True}, {**HELLO, "params": []}):
        answer = await author.post("/mcp", body)
        assert (answer.status, answer.body["error"]["code"]) == (400, -32600)
    assert (await author.get("/mcp")).status == 405
    assert (await author.post("/mcp", {**HELLO, "method": "nope"})).body["error"]["code"] == -32601
    assert (await author.post("/mcp", {"jsonrpc": "2.0", "method": "notifications/initialized"})).status == 202
    newer = await author.post("/mcp", HELLO, headers={"MCP-Protocol-Version": "2099-01-01"})
    assert (newer.status, newer.body["error"]["code"]) == (400, -32022)
    large = await author.post("/mcp", {**HELLO, "params": {"x": "y" * 9_000_000}})
    assert large.status == 413


async def test_templates_are_prompts(author: Person, stranger: Person):
    made = (await author.post("/api/templates", LETTER)).body
    async with connected(author) as client:
        prompt = next(each for each in (await client.list_prompts()).prompts if each.name == made["slug"])
        assert [(each.name, each.required) for each in prompt.arguments or ()] == [("name", True)]
        given = await client.get_prompt(made["slug"], {"name": "Ada"})
        texts: list[Any] = [(message.role, message.content) for message in given.messages]
        assert [(role, content.text) for role, content in texts] == [("user", "Be kind"), ("user", "Hello Ada")]
        with pytest.raises(MCPError, match="name"):
            await client.get_prompt(made["slug"], {})
    async with connected(stranger) as client:
        with pytest.raises(MCPError, match="does not exist"):
            await client.get_prompt(made["id"], {"name": "Ada"})


async def test_a_client_that_leaves_stops_no_run(author: Person, provider: str):
    asked = {"name": "run_prompt", "arguments": {"prompt": "x", "model_id": f"{provider}/tokens-64-every-50ms"}}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": asked}
    async with aiohttp.ClientSession(headers=author.headers) as session:
        with pytest.raises(TimeoutError):
            await session.post(f"{author.url}/mcp", json=call, timeout=aiohttp.ClientTimeout(total=1))
    assert author.user is not None
    run = await PromptExecution.objects.aget(user_id=author.user.id)
    assert run.status == "running"

    async def has_ended() -> bool:
        return bool((await author.get(f"/api/executions/{run.id}")).body["status"] == "completed")

    await until(has_ended)
