"""Errors of the service in the browser: listed, looked at, decided."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import ViewportSize, expect

from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.test_everybody import violations
from tests.cast import new_user
from tests.monitoring.rows import a_rule, an_error
from tests.servers.service import Service


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_an_administrator_reads_and_decides_an_error(visit: Visit, service: Service, size: ViewportSize) -> None:
    an_error("one", route="api/sessions/<uuid:session_id>", regressions=2)
    visitor = visit(user=new_user(name="Ann", roles=["admin"]), viewport=size)
    visitor.open("/monitoring/errors")
    page = visitor.page
    assert violations(visitor) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.get_by_role("link", name="KeyError").click()
    expect(page.get_by_role("heading", name="Seen 3 times in the last 14 days")).to_be_visible()
    expect(page.get_by_text("playground/engine/run.py")).to_be_visible()
    assert violations(visitor) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.get_by_role("button", name="Mute").click()
    expect(page.get_by_role("heading", name="Muted, seen 3 times")).to_be_visible()
    page.get_by_role("button", name="Resolve").click()
    expect(page.get_by_role("heading", name="Resolved, seen 3 times")).to_be_visible()
    expect(page.get_by_role("button", name="Resolve")).to_have_count(0)
    assert violations(visitor) == []


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_an_administrator_mutes_an_alert_and_changes_its_rule(
    visit: Visit, service: Service, size: ViewportSize
) -> None:
    rule = a_rule("The line waits", minutes=5)
    since = timezone.now() - timedelta(minutes=30)
    alert = rule.alerts.create(since=since, state="firing", value=99.5, looked_at=since + timedelta(days=1))
    alert.firings.create(
        name=rule.name,
        figure=rule.figure,
        comparison="above",
        threshold=60,
        severity="warning",
        began_at=since,
        worst=120,
    )
    visitor = visit(user=new_user(name="Ann", roles=["admin"]), viewport=size)
    visitor.open("/monitoring/alerts")
    page = visitor.page
    expect(page.get_by_role("heading", name="Firing now: 1")).to_be_visible()
    assert violations(visitor) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.get_by_role("button", name="Mute The line waits for 8 h").click()
    expect(page.get_by_text("muted for 7")).to_be_visible()
    page.get_by_label("Threshold of The line waits").fill("90")
    page.get_by_role("button", name="Save The line waits").click()
    expect(page.get_by_label("Threshold of The line waits")).to_have_value("90")
    assert violations(visitor) == []
