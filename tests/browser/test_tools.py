"""Tools on the page: chosen beside the prompt, each call a card as it happens, a result changed, one tried alone."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import expect

from playground.models import HttpTool, McpServer
from playground.tools.mcp.listing import list_one
from tests.browser.comparing import column, prepare
from tests.browser.conftest import Visitor
from tests.browser.test_everybody import violations
from tests.servers.mcp_server import running
from tests.servers.webhook_sink import WebhookSink

SUM = ["calculator", {"expression": "6 * 7"}]


def ask(visitor: Visitor, *rounds: object, tool: str = "calculator") -> None:
    """Chooses a tool and has the simulator's model call what these rounds say."""
    visitor.page.locator("#tools-fold > summary").click()
    visitor.page.locator(f"[name='tools.{tool}']").check()
    visitor.run(json.dumps(rounds), model="openai/tool-script")
    visitor.ended("completed")


def test_each_call_is_a_card_before_the_answer(visitor: Visitor) -> None:
    ask(visitor, {"say": "Let me see.", "calls": [SUM]}, [SUM])
    expect(visitor.page.locator("[data-rounds] .tool-call")).to_have_count(2)
    card = visitor.page.locator("[data-rounds] .tool-call").first
    expect(card).to_contain_text("calculator")
    expect(card).to_contain_text('"result": 42')
    expect(card.locator(".tag")).to_have_text("done")
    expect(visitor.page.locator(".tool-round-text")).to_have_text("Let me see.")
    assert visitor.answer == 'The tool said: {"result":42}'
    assert violations(visitor) == []
    # The choice stays with the run.
    visitor.page.reload()
    expect(visitor.page.locator("[name='tools.calculator']")).to_be_checked()


def test_a_card_is_there_while_the_tool_runs(visitor: Visitor, waiting_tool: HttpTool, gate: threading.Event) -> None:
    visitor.open()
    visitor.page.locator("#tools-fold > summary").click()
    visitor.page.locator(f"[name='tools.{waiting_tool.name}']").check()
    visitor.run(json.dumps([[[waiting_tool.name, {}]]]), model="openai/tool-script")
    live = visitor.page.locator("article[data-live] [data-rounds] .tool-call")
    expect(live).to_contain_text(waiting_tool.name)
    expect(live.locator(".tag")).to_have_text("running")
    gate.set()
    visitor.ended("completed")


def test_a_changed_result_goes_on_as_the_next_turn(visitor: Visitor) -> None:
    ask(visitor, [SUM])
    visitor.page.locator(".tool-call-edit summary").click()
    visitor.page.locator(".tool-call-edit textarea").fill("no JSON {")
    visitor.page.locator(".tool-call-edit button").click()
    expect(visitor.page.locator("#run-problem")).to_contain_text("This is not JSON")
    visitor.page.locator(".tool-call-edit textarea").fill('{"result": 43}')
    before = visitor.page.locator("article").get_attribute("data-execution-id")
    visitor.page.locator(".tool-call-edit button").click()
    visitor.page.locator(f"article:not([data-execution-id='{before}'])").wait_for()
    visitor.ended("completed")
    assert visitor.answer == 'The tool said: {"result":43}'
    expect(visitor.page.locator("[aria-label='Gone on after'] .tool-call")).to_contain_text('"result": 43')


def test_t18_a_person_is_asked_first(visitor: Visitor, dangerous: HttpTool, sink: WebhookSink) -> None:
    visitor.open()
    ask(visitor, [[dangerous.name, {}]], tool=dangerous.name)
    expect(visitor.page.locator(".tool-call .tag")).to_have_text("waits for you")
    assert sink.calls == []
    before = visitor.page.locator("article").get_attribute("data-execution-id")
    visitor.page.get_by_label("Allow").check()
    visitor.page.get_by_role("button", name="Go on", exact=True).click()
    visitor.page.locator(f"article:not([data-execution-id='{before}'])").wait_for()
    visitor.ended("completed")
    assert len(sink.calls) == 1


def test_a_tool_is_tried_alone(visitor: Visitor) -> None:
    visitor.open("/tools")
    place = visitor.page.locator("section", has=visitor.page.locator("#tool-calculator"))
    place.get_by_label("Arguments for calculator").fill('{"expression": "1 / 0"}')
    place.get_by_role("button", name="Try").click()
    expect(place.locator(".tool-outcome")).to_contain_text("It divides by zero.")
    place.get_by_label("Arguments for calculator").fill("{")
    place.get_by_role("button", name="Try").click()
    expect(place.locator(".tool-outcome")).to_contain_text("This is not JSON")
    place.get_by_label("Arguments for calculator").fill('{"expression": "1 + 1"}')
    place.get_by_role("button", name="Try").click()
    expect(place.locator(".tool-outcome")).to_contain_text('"result": 2')


def test_columns_of_a_comparison_call_tools(visitor: Visitor, dangerous: HttpTool) -> None:
    models = ["openai/tool-script", "openai/tool-script@2"]
    page = prepare(visitor, models, json.dumps([{"say": "Let me see.", "calls": [SUM]}, [[dangerous.name, {}]]]))
    page.locator("#tools-fold > summary").click()
    for name in ("calculator", dangerous.name):
        page.locator(f"[name='tools.{name}']").check()
    # What was chosen is there again after a reload, before anything has run.
    page.wait_for_function("() => Object.values(localStorage).some((text) => text.includes('tools.calculator'))")
    page.reload(wait_until="networkidle")
    expect(page.locator("[name='tools.calculator']")).to_be_checked()
    page.keyboard.press("Control+Enter")
    for letter in "AB":
        answer = column(page, letter).locator("article:not([data-live])")
        cards = answer.locator(".tool-call")
        expect(cards).to_have_count(2)
        expect(cards.first).to_contain_text('"result": 42')
        expect(cards.last.locator(".tag")).to_have_text("waits for you")
        # It is decided where there is place for what comes after.
        expect(answer.locator(".tool-call-edit")).to_have_count(0)
        expect(answer.get_by_role("link", name="open it in the playground")).to_be_visible()
    assert violations(visitor) == []


def test_a_comparison_is_refused_at_the_field_of_tools(visitor: Visitor) -> None:
    row = tool_at("http://127.0.0.1:9", needs_approval=False)
    page = prepare(visitor, ["openai/tool-script", "openai/tool-script@2"], "[]")
    page.locator("#tools-fold > summary").click()
    page.locator(f"[name='tools.{row.name}']").check()
    row.delete()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#error-tools")).to_contain_text("There is no such tool here")


def test_a_version_says_its_tools_and_runs_with_them(visitor: Visitor) -> None:
    own = {"name": "look_up", "description": "Looks it up.", "parameters": {"type": "object", "properties": {}}}
    visitor.open("/templates/new")
    page = visitor.page
    page.locator("#name").fill(f"Sums {uuid.uuid4().hex[:6]}")
    page.locator("#category").fill("Figures")
    page.locator("#prompt").fill("What is six times seven?")
    page.locator("#call-fold > summary").click()
    box = page.locator("[data-tool='calculator']")
    page.locator("#tools").fill("[")
    expect(box).to_be_disabled()
    page.locator("#tools").fill(json.dumps([own]))
    box.check()
    expect(page.locator("#tools")).to_have_value(re.compile('"registered": true'))
    page.locator("[data-tool='current_time']").check()
    page.locator("[data-tool='current_time']").uncheck()
    # What was typed and not saved comes back, boxes and all.
    page.wait_for_function("() => Object.values(localStorage).some((text) => text.includes('registered'))")
    page.reload()
    page.locator("#call-fold > summary").click()
    expect(box).to_be_checked()
    assert violations(visitor) == []
    page.locator("#save").click()
    page.wait_for_url(re.compile(r"/templates/[0-9a-f-]{36}"))
    assert json.loads(page.request.get(page.url.replace("/templates/", "/api/templates/")).text())["tools"] == [
        own,
        {"name": "calculator", "registered": True},
    ]


@pytest.fixture
def gate() -> threading.Event:
    """Until it is set, nothing is answered."""
    return threading.Event()


@pytest.fixture
def sink() -> Iterator[WebhookSink]:
    """What stands behind the tools' address."""
    with WebhookSink() as server:
        yield server


@pytest.fixture
def dangerous(sink: WebhookSink) -> Iterator[HttpTool]:
    """A tool that has to be allowed."""
    row = tool_at(sink.url, needs_approval=True)
    yield row
    row.delete()


@pytest.fixture
def waiting_tool(sink: WebhookSink, gate: threading.Event) -> Iterator[HttpTool]:
    """A tool that answers when the gate opens."""
    sink.gate = gate
    row = tool_at(sink.url, needs_approval=False)
    yield row
    gate.set()
    row.delete()


def tool_at(url: str, *, needs_approval: bool) -> HttpTool:
    """A tool behind this address."""
    return HttpTool.objects.create(
        name=f"act_{uuid.uuid4().hex[:8]}",
        description="Does something.",
        parameters={"type": "object", "properties": {}},
        method="POST",
        url=url,
        needs_approval=needs_approval,
        allow_private_address=True,
    )


@pytest.fixture
def at_work(visitor: Visitor) -> Iterator[str]:
    """The name of an MCP server's tool that tells its progress."""
    with running() as url:
        name = f"s{uuid.uuid4().hex[:8]}"
        row = McpServer.objects.create(name=name, url=f"{url}/mcp", needs_approval=False, allow_private_address=True)
        with ThreadPoolExecutor(1) as aside:
            aside.submit(lambda: asyncio.run(list_one(row))).result()
        row.refresh_from_db()
        row.confirm(each["fingerprint"] for each in row.listing)
        row.save()
        yield f"{name}__working"
        row.delete()


def test_a_long_calls_progress_is_on_its_card_until_it_ends(visitor: Visitor, at_work: str) -> None:
    visitor.open()
    visitor.page.locator("#tools-fold > summary").click()
    visitor.page.locator(f"[name='tools.{at_work}']").check()
    visitor.run(json.dumps([[[at_work, {"steps": 4}]]]), model="openai/tool-script")
    line = visitor.page.locator("article[data-live] [data-rounds] .tool-call .tool-call-progress")
    expect(line).to_have_text(re.compile(r"^[2-4] of 4 · step [2-4]$"))
    visitor.ended("completed")
    expect(visitor.page.locator(".tool-call-progress")).to_have_count(0)
    expect(visitor.page.locator("[data-rounds] .tool-call")).to_contain_text("done")
