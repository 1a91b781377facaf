"""A person's notifications at the doors and on the pages of the running service."""

from __future__ import annotations

from typing import Any

import pytest

from events.models import Kind, Notification
from events.notifications.writing import notify
from foundation.database.threads import in_database_thread
from tests.cast import Person, new_user
from tests.doors.browser import browser_of
from tests.servers.service import Service
from tests.waiting import until


@pytest.fixture
def author(service: Service) -> Person:
    """Somebody with templates and tests."""
    return Person(service.url, new_user(name="Author", email="author@example.org"))


@pytest.fixture
def editor(service: Service) -> Person:
    """Somebody else."""
    return Person(service.url, new_user(name="Edith"))


async def listed(person: Person, query: str = "") -> list[dict[str, Any]]:
    """What this person was told."""
    answer = await person.get(f"/api/notifications{query}")
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.body["results"]
    return found


async def shared_template(author: Person, editor: Person) -> str:
    """With an editor."""
    body = {"name": "Secret plans", "category": "c", "description": "", "prompt": "Say something private"}
    template: str = (await author.post("/api/templates", body)).body["id"]
    members = [{"user_id": str(editor.user and editor.user.id), "role": "editor"}]
    share = {"visibility": "shared", "members": members}
    assert (await author.call("PUT", f"/api/templates/{template}/share", share)).status == 200
    return template


async def test_what_another_does_is_told_read_and_counted(author: Person, editor: Person):
    template = await shared_template(author, editor)
    (shared,) = await listed(editor)
    assert (shared["kind"], shared["path"]) == ("shared", f"/templates/{template}")
    moved = await editor.call("PUT", f"/api/templates/{template}/labels/production", {"version": 1})
    assert moved.status == 200
    (told,) = await listed(author)
    assert told["sentence"] == "Edith moved label production of “Secret plans” to version 1"
    assert told["by"] == str(editor.user and editor.user.id)
    assert (told["facts"]["version"], told["read_at"]) == (1, None)
    assert "private" not in str(told)
    address = f"/api/notifications/{told['id']}/read"
    assert (await editor.post(address)).status == 404
    first = (await author.post(address)).body["read_at"]
    assert first
    assert (await author.post(address)).body["read_at"] == first
    assert await listed(author, "?unread=true") == []
    assert len(await listed(author, "?unread=false")) == 1
    assert (await editor.post("/api/notifications/read-all")).body == {"read": 1}
    assert (await editor.post("/api/notifications/read-all")).body == {"read": 0}


async def test_the_end_of_a_test_is_told_by_the_running_worker(author: Person):
    asked = {"name": "Nightly", "prompt": "p", "model_id": "openai/echo", "test_cases": [{}]}
    assert (await author.post("/api/evaluation/probabilistic", {**asked, "parameters": {"runs": 1}})).status == 202

    async def told() -> bool:
        return [each["kind"] for each in await listed(author)] == ["test_completed"]

    await until(told)
    assert (await listed(author))[0]["sentence"].startswith("The test “Nightly” has completed")


async def test_pages_of_them_are_numbered(author: Person):
    def happen() -> None:
        for number in range(5):
            notify(Kind.ANOMALY, people=[author.user.id], payload={"metric": str(number)})  # type: ignore[union-attr]

    await in_database_thread(happen)
    page = (await author.get("/api/notifications?page=2&page_size=2")).body
    assert (page["count"], [each["facts"]["metric"] for each in page["results"]]) == (5, ["2", "1"])
    assert page["next"]
    for query in ("?page=9", "?page=0", "?unread=perhaps", "?sort=1"):
        assert (await author.get(f"/api/notifications{query}")).status in (400, 404)


async def test_preferences_are_chosen_by_kind(author: Person, editor: Person):
    address = "/api/notifications/preferences"
    first = (await author.get(address)).body
    assert first["kinds"].keys() == set(Kind.values)
    assert first["kinds"].pop("weekly_report") == {"page": False, "email": False}
    assert all(way == {"page": True, "email": False} for way in first["kinds"].values())
    assert first["sends_email"] is False
    chosen = await author.call("PUT", address, {"label_moved": {"page": False, "email": False}})
    assert (chosen.status, chosen.body["kinds"]["label_moved"]) == (200, {"page": False, "email": False})
    assert chosen.body["kinds"]["quota"] == {"page": True, "email": False}
    template = await shared_template(author, editor)
    await editor.call("PUT", f"/api/templates/{template}/labels/production", {"version": 1})
    assert await listed(author) == []
    odd: list[Any] = [{"nothing": {"page": True, "email": True}}, {"quota": {"page": True}}, {"quota": "page"}, []]
    for body in odd:
        assert (await author.call("PUT", address, body)).status == 400, body


async def test_the_pages_do_the_same(author: Person, editor: Person):
    template = await shared_template(author, editor)
    await editor.call("PUT", f"/api/templates/{template}/labels/production", {"version": 1})
    browser = await in_database_thread(browser_of, author)
    assert "Notifications: 1 unread" in (await browser.get("/notifications/unread")).text
    assert "Secret plans" in (await browser.get("/notifications/latest")).text
    assert "Secret plans" in (await browser.get("/notifications")).text
    (told,) = await listed(author)
    other = await in_database_thread(browser_of, editor)
    assert (await other.get(f"/notifications/{told['id']}")).status == 404
    assert (await other.post(f"/notifications/{told['id']}/read", form={})).status == 404
    followed = await browser.get(f"/notifications/{told['id']}")
    assert followed.status in (200, 302)
    assert (await listed(author))[0]["read_at"]
    assert "unread" not in (await browser.get("/notifications/unread")).text
    await in_database_thread(Notification.objects.update, read_at=None)
    await browser.post(f"/notifications/{told['id']}/read", form={})
    assert (await listed(author))[0]["read_at"]
    await browser.post("/settings/notifications", form={"mail": "quota", "page": "shared"})
    kinds = (await author.get("/api/notifications/preferences")).body["kinds"]
    assert kinds["quota"] == {"page": False, "email": True}
    assert kinds["shared"] == {"page": True, "email": False}
    assert kinds["anomaly"] == {"page": False, "email": False}
