"""Every list is walked by `j` and `k`, and a row that changes keeps the focus in it."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import Locator, expect

from accounts.models import User
from accounts.teams.membership import make_team
from accounts.teams.roles import own_organisation
from evaluation_app.datasets import writing
from sessions_app.models import PlaygroundSession
from tests.browser.conftest import Visit, Visitor
from tests.browser.drafting import admin, template_of
from tests.browser.test_notifications import happen
from tests.cast import new_user


@pytest.fixture
def two_of_each(visitor: Visitor) -> User:
    """An administrator's lists, with two rows or more."""
    user = admin()
    happen(user, new_user(name="Edith"), 2)
    for name in ("First", "Second"):
        template_of(user)
        PlaygroundSession.objects.create(user=user, name=name)
        writing.create(owner=user, name=f"{name} {uuid.uuid4().hex[:6]}")
        make_team(name=f"{name} {user.teams.count()}", organisation=own_organisation(user), by=user)
    return user


def rows_of(visitor: Visitor) -> Locator:
    """The rows that the keys go along."""
    return visitor.page.locator("[data-list] > a, [data-list] [data-row]").filter(visible=True)


@pytest.mark.parametrize(
    "path",
    ["/templates", "/templates?view=table", "/sessions", "/datasets", "/settings/teams", "/notifications", "/audit"],
)
@pytest.mark.usefixtures("two_of_each")
def test_j_and_k_walk_the_list(visitor: Visitor, path: str) -> None:
    visitor.open(path)
    rows = rows_of(visitor)
    expect(rows.nth(1)).to_be_visible()
    visitor.page.wait_for_load_state()
    for key, at in (("j", 0), ("j", 1), ("k", 0), ("k", 0)):
        visitor.page.keyboard.press(key)
        expect(rows.nth(at)).to_be_focused()


def test_a_notification_marked_as_read_keeps_the_focus(visit: Visit) -> None:
    user = new_user(name="Owen")
    happen(user, new_user(name="Edith"), 2)
    visitor = visit(user=user)
    visitor.open("/notifications")
    first = visitor.page.locator("li.notification").first
    first.get_by_role("button").focus()
    visitor.page.keyboard.press("Enter")
    expect(first.get_by_role("button")).to_have_count(0)
    expect(first.get_by_role("link")).to_be_focused()
