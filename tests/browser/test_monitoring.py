"""Errors of the service in the browser: listed, looked at, decided."""

from __future__ import annotations

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.test_everybody import violations
from tests.cast import new_user
from tests.monitoring.rows import an_error
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
