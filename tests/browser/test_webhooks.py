"""A webhook in the browser: made, tried, its log read, stopped."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.test_everybody import violations
from tests.cast import new_user
from tests.servers.service import Service
from tests.servers.webhook_sink import WebhookSink


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_webhook_is_made_tried_and_stopped(visit: Visit, service: Service, size: ViewportSize) -> None:
    visitor = visit(user=new_user(name="Owen"), viewport=size)
    visitor.open("/settings/webhooks")
    page = visitor.page
    page.get_by_label("Name").fill("Deployments")
    page.get_by_label("Address").fill("http://10.0.0.1/")
    page.get_by_role("button", name="Make the webhook").click()
    expect(page.locator("#error-url")).to_contain_text("This address is not called")
    expect(page.get_by_label("Name")).to_have_value("Deployments")
    with WebhookSink(service.webhooks) as sink:
        page.get_by_label("Address").fill(sink.url)
        page.get_by_label("A label of a template was moved or taken away").check()
        page.get_by_role("button", name="Make the webhook").click()
        expect(page.locator("#secret")).to_have_value(re.compile(r"^whsec_.{44}$"))
        assert violations(visitor) == []
        page.get_by_role("link", name="Deployments").click()
        page.get_by_role("button", name="Send a test event").click()
        expect(page.get_by_text("A test event is on its way")).to_be_visible()
        page.wait_for_timeout(3_000)
        page.reload()
        expect(page.locator("table")).to_contain_text("A test event of a webhook webhook.tried")
        expect(page.locator("table .badge")).to_have_text("delivered")
        assert len(sink.calls) == 1
    assert violations(visitor) == []
    width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_role("button", name="Go on")).to_be_visible()


def test_an_administrator_has_everybodys_events_told(visit: Visit, service: Service) -> None:
    visitor = visit(user=new_user(name="Ann", roles=["admin"]))
    visitor.open("/settings/webhooks")
    page = visitor.page
    assert violations(visitor) == []
    with WebhookSink(service.webhooks) as sink:
        page.get_by_label("Name").fill("All of us")
        page.get_by_label("Address").fill(sink.url)
        page.get_by_label("Events of everybody").check()
        page.get_by_role("button", name="Make the webhook").click()
        expect(page.get_by_role("row", name="All of us")).to_contain_text("all events of everybody")
    page.get_by_role("link", name="All of us").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("“All of us” is gone.")).to_be_visible()
