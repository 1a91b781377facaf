"""A protected label in the browser: one protects and asks, another sees what would change, and approves."""

from __future__ import annotations

import pytest
from playwright.sync_api import ViewportSize, expect

from accounts.models import User
from templates_app.content import Content
from templates_app.models import PromptTemplate
from templates_app.versions import labels, lifecycle
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.test_everybody import violations
from tests.cast import new_user


def of(owner: User, editor: User) -> PromptTemplate:
    """A template with two versions, `production` at the first, that both may edit."""
    change = lifecycle.Change({"name": "Greeting", "category": "C"}, Content("Greet {{name}}."))
    template = lifecycle.create(owner=owner, change=change)
    better = lifecycle.Change({}, Content("Greet {{name}} warmly."))
    lifecycle.save(user=owner, template_id=template.id, change_of=lambda _: better)
    labels.move(user=owner, template_id=template.id, label="production", number=1)
    template.members.create(user=editor, role="editor")
    PromptTemplate.objects.filter(id=template.id).update(visibility="shared")
    return template


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_two_persons_move_a_protected_label(visit: Visit, size: ViewportSize) -> None:
    owner, editor = new_user(name="Owen"), new_user(name="Edda")
    template = of(owner, editor)
    owens, eddas = (visit(user=user, viewport=size) for user in (owner, editor))
    owens.open(f"/templates/{template.id}/versions")
    page = owens.page
    page.get_by_role("button", name="Protect production").click()
    expect(page.locator(".label-row")).to_contain_text("protected by Owen")
    # The page is another one, and leads back to where the act was.
    expect(page.get_by_role("region", name="Labels")).to_be_focused()
    page.get_by_text("Ask for a change").click()
    expect(page.locator(".label-row")).to_contain_text("Who could approve it: Edda.")
    page.get_by_label("Why").press_sequentially("It reads better.")
    page.reload()
    expect(page.get_by_label("Why")).to_have_value("It reads better.")
    assert violations(owens) == []
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".label-asked")).to_contain_text("asked by you")
    expect(page.get_by_role("button", name="Withdraw")).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    eddas.open(f"/templates/{template.id}/versions?from=1&to=1")
    page = eddas.page
    expect(page.locator(".label-asked")).to_contain_text("It reads better.")
    assert violations(eddas) == []
    page.get_by_role("link", name="What would change").click()
    expect(page.locator("#difference")).to_contain_text("warmly")
    page.get_by_label("Your reason").fill("So it does.")
    page.get_by_role("button", name="Approve").click()
    expect(page.locator(".label-row")).to_contain_text("points at version 2")
    page.locator(".label-row").get_by_text("History", exact=True).click()
    expect(page.locator(".label-history")).to_contain_text("Edda approved: So it does.")
    width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0
