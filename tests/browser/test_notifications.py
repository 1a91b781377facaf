"""The bell: its number, its list, what is read; and how somebody wants to be told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from accounts.models import User
from events.models import Kind, Notification
from events.notifications.writing import notify
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.test_everybody import violations
from tests.cast import new_user

LONG_NAME = "Weekly report on everything that has happened in the northern regions of the company " * 2


def happen(user: User, by: User, count: int) -> None:
    """So many labels were moved."""
    for number in range(count):
        notify(
            Kind.LABEL_MOVED,
            people=[user.id],
            by=by.id,
            payload={"template_id": "00000000-0000-4000-8000-000000000000", "label": "production", "version": number},
            words={"name": LONG_NAME if number == 1 else f"Template {number}"},
        )


def shot(page: Page, name: str) -> None:
    """A picture, where somebody wants to look."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_bell_tells_and_what_is_followed_is_read(visit: Visit, size: ViewportSize) -> None:
    user, by = new_user(name="Owen"), new_user(name="Edith")
    happen(user, by, 3)
    visitor = visit(user=user, viewport=size)
    visitor.open("/")
    page = visitor.page
    bell = page.locator("[data-bell] > summary")
    expect(bell).to_have_accessible_name("Notifications: 3 unread")
    bell.focus()
    page.keyboard.press("Enter")
    items = page.locator(".bell-list li")
    expect(items).to_have_count(3)
    expect(items.first).to_contain_text("Edith moved label production of “Template 2” to version 2")
    assert violations(visitor) == []
    shot(page, f"bell-{size['width']}")
    box = page.locator(".bell-list").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= size["width"]
    items.first.get_by_role("button").click()
    expect(bell).to_have_accessible_name("Notifications: 2 unread")
    expect(items.first.get_by_role("button")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator(".bell-list")).to_be_hidden()
    visitor.open("/notifications")
    shot(page, f"notifications-{size['width']}")
    assert violations(visitor) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.get_by_role("link", name="Template 0").click()
    page.wait_for_url("**/templates/*/versions")
    expect(page.locator("[data-bell] > summary")).to_have_accessible_name("Notifications: 1 unread")
    visitor.open("/notifications")
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_text("1 notification is marked as read.")).to_be_visible()
    expect(page.locator("[data-bell] > summary")).to_have_accessible_name("Notifications")
    assert not Notification.objects.filter(user_id=user.id, read_at=None).exists()


def test_the_number_is_asked_once_a_minute_and_not_while_nobody_looks(visit: Visit) -> None:
    visitor = visit(user=new_user())
    page = visitor.page
    page.clock.install()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/unread") else None)
    visitor.open("/")
    expect(page.locator("[data-bell] > summary")).to_have_accessible_name("Notifications")
    page.clock.run_for(59_000)
    assert len(asked) == 1
    page.clock.run_for(62_000)
    page.wait_for_timeout(300)
    assert len(asked) in (2, 3)
    before = len(asked)
    page.evaluate("Object.defineProperty(document, 'hidden', { configurable: true, get: () => true })")
    page.clock.run_for(300_000)
    assert len(asked) == before
    page.evaluate("Object.defineProperty(document, 'hidden', { configurable: true, get: () => false })")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.clock.run_for(100)
    page.wait_for_timeout(300)
    assert len(asked) == before + 1


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_how_somebody_is_told_is_theirs_to_choose(visit: Visit, size: ViewportSize) -> None:
    user = new_user(name="Owen")
    visitor = visit(user=user, viewport=size)
    visitor.open("/settings/notifications")
    page = visitor.page
    expect(page.get_by_text("No e-mail is sent")).to_be_visible()
    assert violations(visitor) == []
    shot(page, f"ways-{size['width']}")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.get_by_label("My use is unlike before, or that of what I see to: in the page").uncheck()
    page.get_by_label("My use is unlike before, or that of what I see to: by e-mail").check()
    page.get_by_role("button", name="Keep this").click()
    expect(page.get_by_text("From now on you are told as you chose.")).to_be_visible()
    expect(page.get_by_label("My use is unlike before, or that of what I see to: in the page")).not_to_be_checked()
    expect(page.get_by_label("My use is unlike before, or that of what I see to: by e-mail")).to_be_checked()
    expect(page.get_by_label("A webhook of mine is stopped: in the page")).to_be_checked()
