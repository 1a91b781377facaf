"""A real browser in front of the running service, and a visitor who drives it."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    ViewportSize,
    expect,
    sync_playwright,
)

from accounts.models import User
from scripts import steps
from tests.cast import Person, new_user
from tests.servers.service import Service

CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, steps.CHROMIUM)), None)
HERE = Path(__file__).parent
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
SLOW = "openai/tokens-32-every-120ms"
TOKENS_32 = 32
LONG = "openai/tokens-300-every-30ms"
"""Still running whenever a busy machine comes to stop it."""
WAIT = 60_000
LONGEST_TASK = 50.0
"""Milliseconds that a page may keep its reader waiting."""


@dataclass
class Visitor:
    """A person at the playground; also notes what no page of ours may ever do."""

    page: Page
    address: str
    offences: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Notes script errors, dialogs, refused content and requests that leave the host."""
        self.page.set_default_timeout(WAIT)
        self.page.on("pageerror", lambda error: self.offences.append(f"error: {error}"))
        self.page.on("dialog", self._asked_by_dialog)
        self.page.on("console", self._heard)
        self.page.on("request", self._asked)

    def _asked_by_dialog(self, dialog: Dialog) -> None:
        self.offences.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.offences.append(message.text)

    def _asked(self, request: Request) -> None:
        # Not by a route, which would switch the browser's cache off; other hosts cannot be found anyway.
        if not request.url.startswith((self.address, "data:")):
            self.offences.append(f"request: {request.url}")

    def open(self, path: str = "/") -> None:
        """Goes to a page."""
        self.page.goto(self.address + path)

    def choose(self, model: str) -> None:
        """Picks a model by its full name, by keyboard."""
        self.page.locator("#picker-button").focus()
        self.page.keyboard.press("Enter")
        self.page.locator("#picker-list .picker-option").first.wait_for(state="attached")
        self.page.keyboard.type(model)
        self.page.keyboard.press("Enter")
        name = model.partition("/")[2]
        self.page.locator("#picked-name", has_text=name).wait_for()

    def run(self, prompt: str = "hello", *, model: str | None = None) -> None:
        """Starts a run by keyboard and waits until it is there."""
        if model:
            self.choose(model)
        before = self.page.locator("#playground").get_attribute("data-execution")
        self.page.locator("#prompt").fill(prompt)
        self.page.keyboard.press("Control+Enter")
        self.page.locator(f"article:not([data-execution-id='{before}'])").wait_for()

    def call_a_tool(self) -> None:
        """Has a run made over the API whose model calls a tool, and shows it."""
        token = next(cookie["value"] for cookie in self.page.context.cookies() if cookie["name"] == "csrftoken")
        weather = {"type": "object", "properties": {"city": {"type": "string"}}}
        response = self.page.context.request.post(
            f"{self.address}/api/prompts/execute",
            headers={"X-CSRFToken": token, "Origin": self.address},
            data={
                "model_id": "openai/tool-call",
                "prompt": '{"city": "Graz <b>"}',
                "tools": [{"name": "weather", "description": "The weather", "parameters": weather}],
            },
        )
        assert response.ok, response.text()
        self.open(f"/?execution={response.json()['id']}")

    def ended(self, status: str) -> None:
        """Waits for the run's end."""
        self.page.locator(f"article:not([data-live]) .badge-{status}").wait_for()

    @property
    def answer(self) -> str:
        """The words on the page, as they came."""
        return str(self.page.locator("[data-answer]").evaluate("element => element.textContent"))


@contextmanager
def tasks_of(page: Page) -> Iterator[list[float]]:
    """Milliseconds of CPU that each task of the page's main thread takes in the block, known after it.

    Not of the clock, as `longtask` entries have them: what other programs take from a busy machine is not the page's.
    """
    browser = page.context.browser
    assert browser is not None
    tasks: list[float] = []
    browser.start_tracing(page=page, categories=["toplevel", "__metadata"])
    try:
        yield tasks
    finally:
        events = orjson.loads(browser.stop_tracing())["traceEvents"]
    named = (event for event in events if event["name"] == "thread_name")
    mains = {(event["pid"], event["tid"]) for event in named if event["args"]["name"] == "CrRendererMain"}
    ran = (event for event in events if event["name"].endswith("RunTask") and "tdur" in event)
    tasks += [event["tdur"] / 1000 for event in ran if (event["pid"], event["tid"]) in mains]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks these tests, so that they can be run apart."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for all of these tests."""
    if not CHROMIUM:
        pytest.fail("no Chromium is installed; CHROMIUM names its program")
    # Playwright keeps an event loop in this thread, which Django takes for asynchronous code.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        expect.set_options(timeout=WAIT)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


Visit = Callable[..., Visitor]


def _sign_in(context: BrowserContext, service: Service, user: User | None = None) -> None:
    """As the form does, without the form: signing in itself has its own tests. The administrator where none is told."""
    user = user or User.objects.filter(username="admin").first() or User.objects.create_superuser("admin", None)
    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": service.url}])


@pytest.fixture
def visit(chromium: Browser, service: Service) -> Iterator[Visit]:
    """Opens windows of their own; afterwards nothing must have happened in them that no page may do."""
    contexts: list[BrowserContext] = []
    visitors: list[Visitor] = []

    def open_window(*, signed_in: bool = True, user: User | None = None, **options: Any) -> Visitor:
        context = chromium.new_context(**{"viewport": DESK, **options})
        contexts.append(context)
        if signed_in:
            _sign_in(context, service, user)
        visitor = Visitor(context.new_page(), service.url)
        visitor.watch()
        visitors.append(visitor)
        return visitor

    yield open_window
    for context in contexts:
        context.close()
    assert [offence for visitor in visitors for offence in visitor.offences] == []


@pytest.fixture
def ann(service: Service) -> Person:
    """Somebody with a session."""
    return Person(service.url, new_user(name="Ann", email=f"ann-{uuid.uuid4().hex[:8]}@example.org"))


@pytest.fixture
def bob(service: Service) -> Person:
    """Somebody whom it is shared with."""
    return Person(service.url, new_user(name="Bob", email=f"bob-{uuid.uuid4().hex[:8]}@example.org"))


Enter = Callable[[Person], Visitor]


@pytest.fixture
def enter(visit: Visit) -> Enter:
    """Opens a window of somebody's."""
    return lambda person: visit(user=person.user)


@pytest.fixture(scope="package")
def window(chromium: Browser) -> Iterator[BrowserContext]:
    """A window that visitors use one after the other: its cache stays."""
    context = chromium.new_context(viewport=DESK)
    yield context
    context.close()


@pytest.fixture
def visitor(window: BrowserContext, service: Service) -> Iterator[Visitor]:
    """Somebody signed in, at the playground, on a desk; afterwards held to the same as in `visit`."""
    _sign_in(window, service)
    somebody = Visitor(window.new_page(), service.url)
    somebody.watch()
    somebody.open()
    yield somebody
    if somebody.page.url.startswith(service.url):
        somebody.page.evaluate("localStorage.clear()")
    somebody.page.close()
    window.clear_cookies()
    assert somebody.offences == []
