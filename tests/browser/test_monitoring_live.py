"""The monitoring in the browser: live figures, objectives, slow calls, a provider; all widths, light and dark."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import ViewportSize, expect

from playground.models import ExecutionUsage
from playground.usage.sketch import bucket_of
from providers.models import BreakerTransition
from tests.browser.conftest import PHONE, Visit
from tests.browser.test_everybody import violations
from tests.cast import new_user
from tests.monitoring.rows import an_error
from tests.monitoring.samples import a_sample
from tests.servers.service import Service

WIDE: ViewportSize = {"width": 1440, "height": 900}
PAGES = ("", "/objectives", "/slow-calls", "/providers/openai", "/providers/openai?days=30")


def rows() -> None:
    """An hour with traffic, a failure and a breaker that opened."""
    now = timezone.now().replace(second=0, microsecond=0)
    for at in range(50):
        a_sample(
            at, host="rows", since=now - timedelta(minutes=55), requests=100 * at + at * at, requests_failed=at // 9,
            requests_timed=100 * at, requests_quick=99 * at, executions_completed={"openai": 3 * at},
            executions_failed={"openai": at // 7}, tokens=900 * at, cost_usd=0.01 * at, queue_waiting=at % 5,
            queue_oldest=at % 7, calls_in_flight={"openai": at % 4, "ollama": 1},
        )  # fmt: skip
    an_error("live")
    for minutes, from_, to in ((90, "closed", "open"), (80, "open", "half_open"), (79, "half_open", "closed")):
        BreakerTransition.objects.create(
            provider="openai", from_state=from_, to_state=to, at=now - timedelta(minutes=minutes),
            reason="timeout_connect" if to == "open" else "worked", entry=uuid.uuid4().hex,
        )  # fmt: skip
    for number in range(30):
        latency = 900 * number + 400
        ExecutionUsage.objects.create(
            began_at=now - timedelta(minutes=5 * number), model_id="openai/gpt-4o-mini", origin="person",
            status="completed" if number % 5 else "failed", error_code="" if number % 5 else "stream_cut",
            latency=latency if number % 5 else None, latency_bucket=bucket_of(latency) if number % 5 else None,
            first_token=200 if number % 5 else None, first_token_bucket=bucket_of(200) if number % 5 else None,
        )  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_an_administrator_watches(
    visit: Visit, service: Service, size: ViewportSize, scheme: str, tmp_path: Path
) -> None:
    rows()
    visitor = visit(user=new_user(name="Ann", roles=["admin"]), viewport=size, color_scheme=scheme)
    page = visitor.page
    for path in PAGES:
        visitor.open(f"/monitoring{path}")
        assert violations(visitor) == [], path
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        name = f"{path.strip('/').replace('/', '-').replace('?', '-') or 'now'}-{size['width']}-{scheme}.png"
        page.screenshot(path=str(tmp_path / name), full_page=True)
    visitor.open("/monitoring")
    # Every page is within reach, however many there are.
    for end in ("first", "last"):
        entry = getattr(page.locator(".rail-link"), end)
        entry.scroll_into_view_if_needed()
        box = entry.bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= size["width"] - box["width"] + 1
    # What is folded out stays so when the pictures are drawn anew.
    chart = page.locator("figure.chart").first
    chart.locator("summary").click()
    chart.evaluate("each => each.dataset.is_old = 'yes'")
    page.evaluate("htmx.ajax('GET', '/monitoring/curves', document.querySelector('[hx-trigger=\"every 60s\"]'))")
    expect(page.locator("figure[data-is_old]")).to_have_count(0)
    expect(chart.locator("details")).to_have_attribute("open", "")
    link = page.get_by_role("navigation", name="Pages").get_by_role("link", name="Monitoring")
    expect(link).to_have_attribute("aria-current", "page")
    first = page.locator("#monitoring-at time").get_attribute("datetime")
    expect(page.locator("#monitoring-at time")).not_to_have_attribute("datetime", str(first))
    page.get_by_role("link", name="Slow calls").click()
    expect(page.get_by_role("heading", name="Where the time went")).to_be_visible()


def test_without_a_socket_the_page_asks_by_itself(visit: Visit, service: Service) -> None:
    visitor = visit(user=new_user(roles=["admin"]))
    visitor.page.route_web_socket("**/ws/monitoring", lambda route: route.close(code=1011))
    visitor.open("/monitoring")
    at = visitor.page.locator("#monitoring-at time")
    first = at.get_attribute("datetime")
    expect(at).not_to_have_attribute("datetime", str(first))
