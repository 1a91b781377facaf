"""Names of 200 characters without a blank leave every page its width, and every list its columns."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.screenshots import made

TABLET: ViewportSize = {"width": 1024, "height": 768}
LISTS = ("/sessions", "/datasets", "/settings/tokens", "/settings/webhooks")


@pytest.mark.parametrize("size", [DESK, TABLET, PHONE], ids=["desk", "tablet", "phone"])
def test_a_long_name_moves_nothing_out_of_sight(visit: Visit, size: ViewportSize) -> None:
    visitor = visit(viewport=size)
    page = visitor.page
    visitor.open()
    name = f"{uuid.uuid4().hex}{'N' * 168}"
    session = made(visitor, "/api/sessions", {"name": name})
    made(visitor, "/api/datasets", {"name": name})
    made(visitor, "/api/webhooks", {"name": name[:80], "url": f"https://example.org/{'u' * 180}"})
    made(visitor, "/api/auth/tokens", {"name": name[:100], "scopes": ["read"]})
    template = made(visitor, "/api/templates", {"name": name, "category": "C", "prompt": "Say it"})
    for path in (f"/?session={session['id']}", f"/evaluations/new?template={template['id']}", *LISTS):
        visitor.open(path)
        beyond = page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
        assert beyond <= 0, path
    for path in LISTS:
        visitor.open(path)
        page.get_by_text(name[:80]).first.wait_for()
        hidden = page.locator(".sessions-found").last.evaluate("list => list.scrollWidth - list.clientWidth")
        assert hidden <= 0, path
    visitor.open(f"/?session={session['id']}")
    page.locator(".topbar-session > summary").click()
    expect(page.get_by_role("link", name="Open this session")).to_be_in_viewport(ratio=1)
