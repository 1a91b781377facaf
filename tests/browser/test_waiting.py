"""What a run says while no word of its answer has come."""

from __future__ import annotations

import os
import re
import uuid

import pytest
from playwright.sync_api import ViewportSize, expect

from providers.models import Provider
from tests.browser.conftest import DESK, PHONE, Visit, Visitor
from tests.servers.service import Service


def narrow_provider(service: Service) -> str:
    """A provider that takes one call at a time."""
    slug = f"p{uuid.uuid4().hex[:10]}"
    fields = {"base_url": f"{service.simulator.url}/v1", "allow_private_address": True}
    credentials = {"api_key": "sk-canary-1234"}
    Provider.objects.create(slug=slug, name=slug, wire="openai", max_concurrency=1, credentials=credentials, **fields)
    return slug


def begin(visitor: Visitor, model_id: str) -> None:
    """Starts a run of the visitor's over the form's door, and shows nothing of it."""
    token = next(cookie["value"] for cookie in visitor.page.context.cookies() if cookie["name"] == "csrftoken")
    answer = visitor.page.context.request.post(
        f"{visitor.address}/executions",
        headers={"X-CSRFToken": token, "Origin": visitor.address, "HX-Request": "true"},
        form={"model_id": model_id, "prompt": "first", "idempotency_key": uuid.uuid4().hex},
    )
    assert answer.ok, answer.text()


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_a_waiting_run_says_what_for_with_its_clock(visit: Visit, service: Service, size: ViewportSize) -> None:
    visitor = visit(viewport=size)
    page, slug = visitor.page, narrow_provider(service)
    visitor.open()
    begin(visitor, f"{slug}/tokens-60-every-100ms")
    visitor.open(f"/?model={slug}/tokens-3-after-5000ms")
    page.locator("#prompt").fill("second")
    page.keyboard.press("Control+Enter")
    waiting = page.locator("[data-waiting]")
    expect(waiting).to_contain_text("In the queue before the provider, place 1 of 1")
    expect(page.locator("#announcer")).to_have_text("In the queue before the provider, place 1 of 1.")
    expect(waiting.locator("[data-waiting-clock]")).to_have_text(re.compile(r"^[3-9]\u202fs$"))
    expect(waiting).to_contain_text("Waiting for the provider's first word")
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/waiting-{size['width']}.png")
    visitor.ended("completed")
    expect(waiting).to_have_count(0)


def test_a_run_that_is_tried_again_says_when(visitor: Visitor) -> None:
    visitor.run(model=f"openai/fault-429-after-2@{uuid.uuid4().hex[:8]}")
    waiting = visitor.page.locator("[data-waiting]")
    expect(waiting).to_have_text(re.compile(r"Failed \(rate limited\)\. Attempt 2 of 3\s+in [12]\u202fs"))
    visitor.page.keyboard.press("Escape")


def test_columns_say_what_they_wait_for(visitor: Visitor) -> None:
    page = visitor.page
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "csrftoken")
    answer = page.context.request.post(
        f"{visitor.address}/comparisons",
        headers={"X-CSRFToken": token, "Origin": visitor.address},
        form={
            "prompt": "x",
            "idempotency_key": uuid.uuid4().hex,
            "variants.0.model_id": "openai/tokens-3-after-9000ms",
            "variants.1.model_id": "openai/echo",
        },
    )
    page.goto(answer.url)
    expect(page.locator("#answer-0 [data-waiting]")).to_contain_text("Waiting for the provider's first word")
    expect(page.locator("#answer-1 .badge-completed")).to_be_visible()
