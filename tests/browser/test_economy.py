"""Economy in the builder: offered where there is a batch interface, and followed on the test's page."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Visitor
from tests.browser.test_evaluations import CASES, built, ended
from tests.playground.conftest import MakeProvider, make_provider

__all__ = ["make_provider"]


@pytest.fixture
def model(make_provider: MakeProvider) -> str:
    """A model whose provider answers batches after two seconds."""
    return f"{make_provider('openai', has_batches=True)}/batch-after-2000ms@{uuid.uuid4().hex[:8]}"


def planned(page: Page) -> None:
    """Waits for the plan of what is typed."""
    page.locator("#temperature").focus()
    expect(page.locator("#plan")).to_contain_text("At economy")


def test_economy_is_switched_off_where_a_model_has_no_batches(visitor: Visitor) -> None:
    page = built(visitor, model="openai/echo")
    planned(page)
    economy = page.locator("#speed-economy")
    expect(economy).to_be_disabled()
    expect(page.locator("#hint-speed")).to_have_text("The provider “OpenAI” has no batch interface.")
    expect(page.locator("#speed")).to_have_value("")


def test_a_test_at_economy_is_built_waited_for_and_read(visitor: Visitor, model: str) -> None:
    page = built(visitor, model=model, cases=CASES.replace("never said", "three"))
    page.locator("#temperature").focus()
    expect(page.locator("#hint-speed")).to_have_text("providers charge half for what can wait")
    page.locator("#speed").select_option("economy")
    expect(page.locator("#speed-economy")).to_be_enabled()
    page.get_by_role("button", name="Start").click()
    page.wait_for_url(re.compile(r"/evaluations/[0-9a-f-]{36}$"))
    expect(page.locator("#evaluation")).to_contain_text("batch, sent")
    ended(page)
    expect(page.locator(".verdict")).to_contain_text("100\u00a0% of the time")
    expect(page.locator(".cell").first).to_contain_text("3/3")


def test_a_late_plan_leaves_what_was_chosen_meanwhile(visitor: Visitor) -> None:
    held: list[Route] = []
    page = built(visitor, model="openai/echo")
    page.route("**/evaluations/plan", lambda route: held.append(route), times=1)
    with page.expect_request("**/evaluations/plan"):
        page.locator("#temperature").focus()
    # Chosen, and not told yet: no other plan is asked for.
    page.locator("#speed").evaluate("(speed) => { speed.value = 'economy'; }")
    held[0].continue_()
    expect(page.locator("#hint-speed")).to_have_text("The provider “OpenAI” has no batch interface.")
    expect(page.locator("#speed")).to_have_value("economy")
    expect(page.locator("#speed-economy")).to_be_enabled()


def test_a_chosen_economy_stays_and_is_refused_at_its_field(visitor: Visitor, model: str) -> None:
    page = built(visitor, model=model)
    page.locator("#speed").select_option("economy")
    page.locator("#model_id").fill("openai/echo")
    page.locator("#temperature").focus()
    expect(page.locator("#plan")).to_contain_text("at economy: The provider “OpenAI” has no batch interface.")
    expect(page.locator("#speed")).to_have_value("economy")
    page.get_by_role("button", name="Start").click()
    expect(page.locator("#error-model_id")).to_contain_text("has no batch interface")
    expect(page.locator("#speed")).to_have_value("economy")
    expect(page.locator("#cases")).to_have_value(CASES)
