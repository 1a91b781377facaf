"""Search and insert: one click puts a passage into the prompt, and nothing that was typed is lost."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from sessions_app.models import PlaygroundSession
from tests.browser.conftest import Visit
from tests.browser.test_everybody import violations
from tests.cast import new_user
from tests.servers.around import ServiceAround
from tests.servers.knowledge_service import KnowledgeService
from tests.servers.project_service import ProjectService
from tests.servers.service import Service, Web


@pytest.fixture
def process(service: Service) -> Iterator[Web]:
    """A web process that knows both services, which answer while the browser is driven."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    around: list[ServiceAround] = [KnowledgeService(), ProjectService()]
    for each in around:
        asyncio.run_coroutine_threadsafe(each.start(), loop).result()
    yield service.start_web(KNOWLEDGE_SERVICE_URL=around[0].url, PROJECT_SERVICE_URL=around[1].url)
    for each in around:
        asyncio.run_coroutine_threadsafe(each.stop(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_a_click_puts_a_passage_in_and_loses_nothing(process: Web, visit: Visit) -> None:
    user = new_user()
    session = PlaygroundSession.objects.create(user=user, name="Batteries", project_id="project-1")
    visitor = visit(user=user)
    visitor.address = process.url
    visitor.open(f"/?session={session.id}")
    page = visitor.page
    prompt, system, panel = page.locator("#prompt"), page.locator("#system-prompt"), page.locator("#sources")
    prompt.fill("Sum this up:")
    page.get_by_role("link", name="Search and insert").click()
    panel.get_by_role("searchbox").fill("batteries")
    panel.get_by_role("searchbox").press("Enter")
    panel.get_by_role("button", name="Put into the prompt").first.click()
    expect(panel).to_be_hidden()
    quoted = "From “Report 0.pdf”:\n\n> Chapter 0: all about lead batteries.\n"
    expect(prompt).to_have_value(f"Sum this up:\n\n{quoted}")
    expect(prompt).to_be_focused()
    page.keyboard.press("Control+z")
    expect(prompt).to_have_value("Sum this up:")
    page.keyboard.press("Control+Shift+z")
    expect(prompt).to_have_value(f"Sum this up:\n\n{quoted}")
    # The panel is as it was left, and the project's part goes elsewhere.
    page.get_by_role("link", name="Search and insert").click()
    expect(panel.get_by_role("heading", name="Report 0.pdf")).to_be_visible()
    assert violations(visitor) == []
    panel.get_by_role("button", name="Put into the system prompt").click()
    expect(system).to_have_value(
        "From “Project Project 1”:\n\n> What it is for\n>\n> Decision context:\n> Which battery project 1 buys\n"
    )
    expect(prompt).to_have_value(f"Sum this up:\n\n{quoted}")
