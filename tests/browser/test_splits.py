"""A label's traffic in the browser: split, followed while calls come, ended by itself, and stopped by hand."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import ViewportSize, expect

from accounts.models import User
from templates_app.content import Content
from templates_app.models import PromptTemplate
from templates_app.sharing import share
from templates_app.versions import labels, lifecycle
from templates_app.versions.protection import protect
from tests.browser.conftest import DESK, PHONE, Visit, Visitor
from tests.browser.test_everybody import violations
from tests.cast import Person, new_user


def of(owner: User, candidate: str) -> PromptTemplate:
    """A template whose first version is in production, with a second one on another model."""
    change = lifecycle.Change({"name": "Greeting", "category": "C"}, Content("Greet.", model_id="openai/echo"))
    template = lifecycle.create(owner=owner, change=change)
    other = lifecycle.Change({}, Content("Greet warmly.", model_id=f"openai/{candidate}"))
    lifecycle.save(user=owner, template_id=template.id, change_of=lambda _: other)
    labels.move(user=owner, template_id=template.id, label="production", number=1)
    return template


def split(visitor: Visitor, template: PromptTemplate, *, share: int = 10) -> None:
    """Begins a split by the form."""
    visitor.open(f"/templates/{template.id}/versions")
    page = visitor.page
    page.locator(".label-row summary", has_text="Traffic").click()
    page.get_by_label("Share in %").fill(str(share))
    page.get_by_role("button", name="Split the traffic").click()
    expect(page.locator(".label-row .tag")).to_have_text(f"{share} % to a candidate")


def called(visitor: Visitor, owner: User, template: PromptTemplate, times: int) -> None:
    """That many calls by the label, by a program."""
    body = json.dumps({"template_id": str(template.id), "label": "production"}).encode()
    headers = {"Content-Type": "application/json", **Person(visitor.address, owner).headers}

    def call(_: int) -> None:
        with suppress(HTTPError):  # the candidate fails
            urlopen(Request(f"{visitor.address}/api/prompts/execute", body, headers), timeout=30).read()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(call, range(times)))


def test_a_bad_candidate_is_seen_to_fail_and_the_split_ends_by_itself(visit: Visit) -> None:
    owner = new_user(name="Owen")
    template = of(owner, "fault-400")
    visitor = visit(user=owner)
    split(visitor, template, share=50)
    page = visitor.page
    expect(page.locator("[data-difference]")).to_contain_text("Nothing can be said before both versions have answered.")
    called(visitor, owner, template, 60)
    ended = page.locator(".split .moves li")
    expect(ended).to_contain_text("Version 2 beside 1: the candidate was shown to be worse after", timeout=60_000)
    expect(ended).to_contain_text("\N{MINUS SIGN}100 points, 95 %")
    expect(page.get_by_role("button", name="Split the traffic")).to_be_visible()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_split_is_changed_and_stopped_by_hand(visit: Visit, size: ViewportSize) -> None:
    owner = new_user(name="Owen")
    template = of(owner, "echo")
    visitor = visit(user=owner, viewport=size)
    split(visitor, template)
    page = visitor.page
    expect(page.locator(".split-arms tbody tr").last).to_contain_text("10 %")
    assert violations(visitor) == []
    page.get_by_label("Candidate gets").fill("25")
    page.get_by_role("button", name="Change", exact=True).click()
    expect(page.locator(".split-arms tbody tr").last).to_contain_text("25 %")
    width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0
    page.get_by_role("button", name="Stop the split").click()
    expect(page.locator(".label-row .tag")).to_have_count(0)
    page.locator(".label-row summary", has_text="Traffic").click()
    expect(page.locator(".split .moves li")).to_contain_text("somebody stopped it")
    assert violations(visitor) == []


def test_a_protected_label_is_split_by_two(visit: Visit) -> None:
    owner, editor = new_user(name="Owen"), new_user(name="Edda")
    template = of(owner, "echo")
    share(user=owner, template_id=template.id, visibility="shared", members=[{"user_id": editor.id, "role": "editor"}])
    protect(user=owner, template_id=template.id, label="production")
    asks = visit(user=owner)
    asks.open(f"/templates/{template.id}/versions")
    page = asks.page
    page.locator(".label-row summary", has_text="Traffic").click()
    page.get_by_label("Share in %").fill("20")
    page.locator(".split-begin").get_by_label("Why").fill("A fifth will tell.")
    page.get_by_role("button", name="Ask to split the traffic").click()
    asked = page.locator(".label-asked")
    expect(asked).to_contain_text("Send 20 % of the calls to version 2, to see calls that succeed")
    assert violations(asks) == []
    decides = visit(user=editor)
    decides.open(f"/templates/{template.id}/versions")
    decides.page.get_by_label("Your reason").fill("Yes.")
    decides.page.get_by_role("button", name="Approve").click()
    expect(decides.page.locator(".label-row .tag", has_text="candidate")).to_contain_text("20 % to a candidate")
    decides.page.locator(".label-row summary", has_text="Traffic").click()
    expect(decides.page.locator(".split")).to_contain_text("Begun by Owen, approved by Edda")
    assert violations(decides) == []
