"""A template that is shared: seen, and changed by nobody who may not."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from accounts.models import User
from tests.browser.conftest import Visit
from tests.browser.templates import Sign, make, sign_in_as
from tests.browser.test_everybody import violations

__all__ = ["sign_in_as"]


def test_somebody_it_is_shared_with_sees_it_and_may_not_change_it(visit: Visit, sign_in_as: Sign) -> None:
    owner, reader = visit(), visit(signed_in=False)
    sign_in_as(reader, User.objects.create_user("reader", None, email="reader@example.org", name="Rea Reader"))
    address = make(owner, name="For some eyes")
    reader.open("/templates?search=eyes")
    expect(reader.page.get_by_text("No template matches")).to_be_visible()
    page = owner.page
    owner.open(address)
    page.get_by_role("link", name="Share").click()
    page.get_by_label("E-mail or user name").fill("nobody@example.org")
    expect(page.get_by_label("Shared")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.locator("#error-new_person")).to_contain_text("nobody@example.org")
    page.get_by_label("E-mail or user name").fill("reader@example.org")
    page.locator("#share-form").get_by_role("button", name="Save").click()
    expect(page.locator("#share-form tbody")).to_contain_text("Rea Reader")
    assert violations(owner) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Share")).to_be_focused()
    expect(page.locator("#visibility-now")).to_have_text(re.compile("Shared"))
    reader.open("/templates?search=eyes")
    reader.page.get_by_role("link", name="For some eyes", exact=True).click()
    expect(reader.page.locator("h1")).to_have_text("For some eyes")
    for name in ("Edit", "Share", "Delete"):
        expect(reader.page.locator(".acts").get_by_text(name, exact=True)).to_have_count(0)
    page.get_by_role("link", name="Share").click()
    page.get_by_role("button", name="Remove Rea Reader").click()
    expect(page.locator("#share-form tbody")).to_have_count(0)
    assert reader.page.reload().status == 404  # type: ignore[union-attr]
