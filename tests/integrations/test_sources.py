"""The panel beside the prompt: what documents and the project say, quoted; and a page for each way of being away."""

from __future__ import annotations

import asyncio
import html
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from foundation.database.threads import in_database_thread
from playground.pages.presentation.quoting import quoted
from sessions_app.models import PlaygroundSession
from templates_app.rendering.placeholders import names_in
from tests.cast import Person, new_user
from tests.doors.browser import Browser
from tests.doors.conftest import BrowserOf, browser_of
from tests.servers.knowledge_service import KnowledgeService
from tests.servers.project_service import ProjectService
from tests.servers.service import Service, Web

__all__ = ["browser_of"]
HTMX = {"HX-Request": "true"}


@pytest.fixture
async def around(service: Service) -> AsyncIterator[tuple[KnowledgeService, ProjectService]]:
    """Both services."""
    knowledge, projects = KnowledgeService(), ProjectService()
    await knowledge.start()
    await projects.start()
    yield knowledge, projects
    await knowledge.stop()
    await projects.stop()


@pytest.fixture
async def window(
    running_service: Service, around: tuple[KnowledgeService, ProjectService], browser_of: BrowserOf
) -> AsyncIterator[tuple[Browser, User]]:
    """A browser at a web process that knows both."""
    added = {"KNOWLEDGE_SERVICE_URL": around[0].url, "PROJECT_SERVICE_URL": around[1].url, "SERVICE_TOKEN": "ours"}
    web = await asyncio.to_thread(Web, running_service.environment | added)
    user = await in_database_thread(new_user)
    yield await in_database_thread(browser_of, Person(web.url, user)), user
    await asyncio.to_thread(web.stop)


async def a_session(user: User, project_id: str) -> str:
    made = await in_database_thread(
        lambda: PlaygroundSession.objects.create(user=user, name="Batteries", project_id=project_id)
    )
    return str(made.id)


async def test_what_services_say_stands_ready_to_be_put_in(
    window: tuple[Browser, User], around: tuple[KnowledgeService, ProjectService]
):
    browser, user = window
    (knowledge, projects), session = around, await a_session(user, "project-1")
    page = await browser.get(f"/?session={session}")
    assert page.status == 200
    assert 'data-opens="sources"' in page.text
    assert 'value="openai/echo"' in page.text
    assert "The default model of the project." in page.text
    panel = html.unescape((await browser.get(f"/sources?session={session}", headers=HTMX)).text)
    assert "> What it is for\n>\n> Decision context:\n> Which battery project 1 buys" in panel
    assert 'value="You are Risk Analyst."' in panel
    found = html.unescape((await browser.get("/sources?query=batteries", headers=HTMX)).text)
    assert 'value="From “Report 0.pdf”:\n\n> Chapter 0: all about lead batteries.\n"' in found
    assert {asked["authorization"] for asked in knowledge.asked + projects.asked} == {"Bearer ours"}
    assert {asked["user-id"] for asked in knowledge.asked + projects.asked} == {str(user.id)}
    assert len(projects.asked) == 1  # kept for a minute
    whole = await browser.get(f"/sources?session={session}&query=batteries")
    assert "<html" in whole.text
    assert "Report 0.pdf" in whole.text


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        ("broken", "Service answered with HTTP 500."),
        ("unauthorised", "Service did not accept your credentials."),
        ("page", "Service answered with something unreadable."),
        ("huge", "Service answered with something unreadable."),
        ("missing", "Service does not have it."),
    ],
)
async def test_a_service_that_fails_is_told_and_the_page_goes_on(
    window: tuple[Browser, User], around: tuple[KnowledgeService, ProjectService], mode: Any, told: str
):
    browser, user = window
    session = await a_session(user, "project-1")
    for each in around:
        each.mode = mode
    page = await browser.get(f"/?session={session}")
    assert page.status == 200
    assert f"The Project {told} The default model of the project is not known now." in page.text
    panel = await browser.get(f"/sources?session={session}", headers=HTMX)
    assert (panel.status, f"The Project {told}" in panel.text) == (200, True)
    found = await browser.get("/sources?query=batteries", headers=HTMX)
    assert (found.status, f"The Knowledge {told}" in found.text) == (200, True)
    assert "secret detail" not in page.text + panel.text + found.text


async def test_services_that_are_away_are_told(
    window: tuple[Browser, User], around: tuple[KnowledgeService, ProjectService]
):
    browser, user = window
    session = await a_session(user, "project-1")
    for each in around:
        await each.stop()
    try:
        page = await browser.get(f"/?session={session}")
        found = await browser.get("/sources?query=batteries", headers=HTMX)
    finally:
        for each in around:
            await each.start()
    assert "The Project Service does not answer." in page.text
    assert "The Knowledge Service does not answer." in found.text


@pytest.mark.parametrize("project_id", ["..", ".", "../../admin", "a/b?c=d#e", "ü %2F\\"])
async def test_a_project_that_was_typed_freely_names_no_other_place(
    window: tuple[Browser, User], around: tuple[KnowledgeService, ProjectService], project_id: str
):
    browser, user = window
    page = await browser.get(f"/?session={await a_session(user, project_id)}")
    assert "The Project Service does not have it." in page.text


async def test_a_default_model_that_is_not_here_is_named(
    window: tuple[Browser, User], around: tuple[KnowledgeService, ProjectService]
):
    browser, user = window
    around[1].projects[0]["settings"]["default_llm"] = "far/away"
    page = await browser.get(f"/?session={await a_session(user, 'project-0')}")
    assert "The default model of the project, far/away, is none of the models here." in page.text


async def test_without_services_there_is_no_panel(author: Person, browser_of: BrowserOf):
    browser = await in_database_thread(browser_of, author)
    assert 'data-opens="sources"' not in (await browser.get("/")).text
    assert "Nothing is set up here" in (await browser.get("/sources", headers=HTMX)).text
    for odd in ("x", uuid4()):
        assert (await browser.get(f"/sources?session={odd}")).status == 404


@pytest.mark.parametrize("text", ["{{name}}", "{{{name}}}", "{{{{name}}}}", "\\{{name}}", "a\n{{ x }}\nb"])
def test_nothing_quoted_is_a_variable(text: str):
    assert names_in(quoted(text, source="{{name}}")) == []
    assert "name" in quoted(text, source="{{name}}")
