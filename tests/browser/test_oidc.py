"""The way to the provider and back in a real browser, which holds forms and their redirects to our own pages."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from aiohttp import web
from playwright.sync_api import Browser, Page

from tests.accounts.oidc_provider import Provider
from tests.browser.conftest import DESK, PHONE, WAIT, Visitor
from tests.browser.test_everybody import violations
from tests.servers.service import Service, Web

NAME = "Example & Co of the Northern Lands and all Southern Islands"[:60]


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider that answers while the browser is driven."""
    loop, provider = asyncio.new_event_loop(), Provider()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    runner: web.AppRunner = asyncio.run_coroutine_threadsafe(provider.start(), loop).result()
    yield provider
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def process(service: Service, provider: Provider) -> Web:
    """A web process that it is configured for."""
    return service.start_web(**{**provider.environment, "OIDC_NAME": NAME})


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A window in which no policy of ours is broken, wherever it goes."""
    context = chromium.new_context(viewport=DESK)
    page, offences = context.new_page(), list[str]()
    page.set_default_timeout(WAIT)
    page.on("console", lambda told: offences.append(told.text) if "Security Policy" in told.text else None)
    yield page
    context.close()
    assert offences == []


def test_one_click_in_and_one_click_out(page: Page, process: Web, provider: Provider) -> None:
    page.goto(f"{process.url}/history")
    page.get_by_role("button", name=f"Sign in with {NAME}").click()
    page.wait_for_url(f"{process.url}/history")
    page.get_by_label("Account: Ada").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{provider.url}/end?**")
    page.goto(f"{process.url}/history")
    page.wait_for_url(f"{process.url}/login?**")


def test_the_button_is_there_for_everybody(page: Page, process: Web, provider: Provider) -> None:
    provider.answer = {"error": "access_denied"}
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        page.goto(f"{process.url}/login")
        assert violations(Visitor(page, process.url)) == []
        page.get_by_role("button", name=f"Sign in with {NAME}").press("Enter")
        page.get_by_role("alert").get_by_text(f"{NAME} did not let you in.").wait_for()
        assert violations(Visitor(page, process.url)) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    # Enter in a field is the password's, not the provider's.
    page.get_by_label("User name").fill("somebody")
    page.get_by_label("Password").fill("wrong")
    page.get_by_label("Password").press("Enter")
    page.get_by_text("Name and password do not match").wait_for()
