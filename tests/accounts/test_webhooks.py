"""A person's own webhooks, over REST and on their pages, told by the running workers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import Standing, Team, TeamMember
from events.models import Delivery, Event, Webhook
from foundation.database.threads import in_database_thread
from foundation.http.standard_webhooks import check, secret_of
from tests.cast import Person, new_user
from tests.doors.browser import browser_of
from tests.servers.service import Service
from tests.servers.webhook_sink import WebhookSink
from tests.waiting import until


@pytest.fixture
def hook(service: Service) -> Iterator[WebhookSink]:
    """A program of the author's, on a host that the operator has named."""
    with WebhookSink(service.webhooks) as sink:
        sink.status = 200
        yield sink


@pytest.fixture
def author(service: Service) -> Person:
    """Somebody with webhooks."""
    return Person(service.url, new_user(name="Author"))


@pytest.fixture
def stranger(service: Service) -> Person:
    """Somebody else."""
    return Person(service.url, new_user(name="Stranger"))


async def made(person: Person, **more: Any) -> dict[str, Any]:
    """A webhook at an address that nobody answers at."""
    answer = await person.post("/api/webhooks", {"name": "W", "url": "https://example.com/hook", **more})
    assert answer.status == 201, answer.body
    told: dict[str, Any] = answer.body
    return told


async def came(hook: WebhookSink, calls: int) -> None:
    """Until it has been called that often."""

    async def there() -> bool:
        return len(hook.calls) == calls

    await until(there, seconds=30, why=lambda: f"{len(hook.calls)} calls")


async def test_a_webhook_is_made_seen_changed_and_removed(author: Person):
    first = await made(author, types=["template.label_moved"], project_id="p-1")
    assert first["secret"].startswith("whsec_")
    address = f"/api/webhooks/{first['id']}"
    seen = (await author.get(address)).body
    assert seen == {name: value for name, value in first.items() if name != "secret"}
    assert (seen["types"], seen["project_id"], seen["is_active"]) == (["template.label_moved"], "p-1", True)
    changed = await author.call("PATCH", address, {"name": "Other", "types": None, "is_active": False})
    assert (changed.body["name"], changed.body["types"], changed.body["is_active"]) == ("Other", None, False)
    assert (await author.call("PATCH", address, {"is_active": True})).body["is_active"] is True
    assert [each["name"] for each in (await author.get("/api/webhooks")).body["results"]] == ["Other"]
    renewed = (await author.post(f"{address}/secret")).body["secret"]
    assert renewed != first["secret"]
    assert (await author.call("DELETE", address)).status == 204
    assert (await author.get(address)).status == 404


async def test_chats_get_what_concerns_them_where_nobody_chose(author: Person):
    told = await made(author, format="slack")
    assert "template.label_moved" in told["types"]
    assert "execution.started" not in told["types"]


async def test_odd_webhooks_are_refused_by_name(author: Person):
    for body, field in (
        ({"name": "", "url": "https://example.com"}, "name"),
        ({"name": "W", "url": "http://127.0.0.1:1/x"}, "url"),
        ({"name": "W", "url": "http://169.254.169.254/"}, "url"),
        ({"name": "W", "url": "file:///etc/passwd"}, "url"),
        ({"name": "W", "url": "nonsense"}, "url"),
        ({"name": "W", "url": "https://example.com", "format": "fax"}, "format"),
        ({"name": "W", "url": "https://example.com", "types": ["nothing"]}, "types.0"),
        ({"name": "W", "url": "https://example.com", "types": []}, "types"),
    ):
        answer = await author.post("/api/webhooks", body)
        assert (answer.status, answer.body["errors"][0]["field"]) == (400, field), answer.body
    first = await made(author)
    answer = await author.call("PATCH", f"/api/webhooks/{first['id']}", {"url": "http://[::1]/"})
    assert (answer.status, answer.body["errors"][0]["field"]) == (400, "url")


async def test_another_persons_webhook_is_none(author: Person, stranger: Person):
    address = f"/api/webhooks/{(await made(author))['id']}"
    for method, path in (
        ("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/secret"), ("POST", "/test"), ("POST", "/replay"),
        ("GET", "/deliveries"), ("POST", "/deliveries/1/replay"),
    ):  # fmt: skip
        assert (await stranger.call(method, address + path, {} if method == "PATCH" else None)).status == 404
    assert (await stranger.get("/api/webhooks")).body == {"results": []}


async def test_events_reach_it_signed_and_the_log_tells(author: Person, hook: WebhookSink):
    webhook = await made(author, url=f"{hook.url}", types=["template.created", "template.label_moved"])
    body = {"name": "Secret plans", "category": "c", "description": "", "prompt": "Say something private"}
    template = (await author.post("/api/templates", body)).body
    await author.call("PUT", f"/api/templates/{template['id']}/labels/production", {"version": 1})
    await came(hook, 2)
    headers, content = hook.calls[0]
    check(secret_of(webhook["secret"]), headers, content, now=int(headers["webhook-timestamp"]))
    told = json.loads(content)
    assert (told["specversion"], told["type"]) == ("1.0", "llm_playground.template.created")
    assert told["data"]["template_name"] == "Secret plans"
    assert b"private" not in content
    log = (await author.get(f"/api/webhooks/{webhook['id']}/deliveries")).body["results"]
    assert [(each["type"], each["state"], each["attempts"]) for each in log] == [
        ("template.label_moved", "delivered", 1),
        ("template.created", "delivered", 1),
    ]
    again = await author.post(f"/api/webhooks/{webhook['id']}/deliveries/{log[1]['id']}/replay")
    assert (again.status, again.body) == (202, {"again": 1})
    await came(hook, 3)
    assert hook.calls[2][0]["webhook-id"] == headers["webhook-id"]


async def test_an_execution_of_mine_is_told_and_nobody_elses(author: Person, stranger: Person, hook: WebhookSink):
    webhook = await made(author, url=f"{hook.url}", types=["execution.failed"])
    for person in (stranger, author):
        await person.execute("openai/fault-400", "private words")
    await came(hook, 1)
    assert b"private words" not in hook.calls[0][1]
    assert (await author.get(f"/api/webhooks/{webhook['id']}")).body["last_success_at"]


async def test_what_was_given_up_is_told_again(author: Person, hook: WebhookSink):
    hook.status = 400
    webhook = await made(author, url=f"{hook.url}")
    address = f"/api/webhooks/{webhook['id']}"
    tried = await author.post(f"{address}/test")
    assert (tried.status, tried.body["type"], tried.body["state"]) == (202, "webhook.tried", "due")

    async def parked() -> bool:
        return bool((await author.get(address)).body["parked"] == 1)

    await until(parked, seconds=30)
    hook.status = 200
    assert (await author.post(f"{address}/replay")).body == {"again": 1}
    await came(hook, 2)
    assert hook.calls[0][0]["webhook-id"] == hook.calls[1][0]["webhook-id"]


async def test_a_label_moved_by_another_is_told_to_the_templates_owner(
    author: Person, stranger: Person, hook: WebhookSink
):
    await made(author, url=f"{hook.url}", format="teams")
    body = {"name": "Shared", "category": "c", "description": "", "prompt": "p", "is_public": True}
    template = (await author.post("/api/templates", body)).body
    shared = {
        "visibility": "shared",
        "members": [{"user_id": str(stranger.user and stranger.user.id), "role": "editor"}],
    }
    assert (await author.call("PUT", f"/api/templates/{template['id']}/share", shared)).status == 200
    moved = await stranger.call("PUT", f"/api/templates/{template['id']}/labels/production", {"version": 1})
    assert moved.status == 200, moved.body
    await came(hook, 1)
    card = json.loads(hook.calls[0][1])["attachments"][0]["content"]
    assert card["body"][0]["inlines"][0]["text"] == "Label production of “Shared” points at version 1"


async def test_the_pages_do_the_same(author: Person, hook: WebhookSink):
    browser = await in_database_thread(browser_of, author)
    page = await browser.post(
        "/settings/webhooks", form={"name": "Mine", "url": "http://127.0.0.1:1/", "format": "slack"}
    )
    assert page.status == 400
    assert "This address is not called" in page.text
    page = await browser.post(
        "/settings/webhooks", form={"name": "Mine", "url": f"{hook.url}", "format": "cloudevents"}
    )
    assert page.status == 200
    assert "whsec_" in page.text
    assert "whsec_" not in (await browser.get("/settings/webhooks")).text
    (webhook,) = await in_database_thread(lambda: list(Webhook.objects.filter(owner_id=author.user.id)))  # type: ignore[union-attr]
    address = f"/settings/webhooks/{webhook.id}"
    assert (await browser.post(f"{address}/acts/test", form={})).status in (200, 302)
    await came(hook, 1)

    async def told() -> bool:
        return "delivered" in (await browser.get(address)).text

    await until(told, seconds=30)
    assert "whsec_" in (await browser.post(f"{address}/secret", form={})).text
    await browser.post(f"{address}/acts/stop", form={})
    assert "stopped" in (await browser.get(address)).text
    assert (await browser.post(f"{address}/acts/sing", form={})).status == 404
    await browser.post(f"{address}/acts/start", form={})
    await browser.post(f"{address}/acts/delete", form={})
    assert (await browser.get(address)).status == 404
    assert not await in_database_thread(Delivery.objects.filter(destination=webhook.destination_id).exists)
    assert await in_database_thread(Event.objects.filter(type__endswith="webhook.tried").exists)


async def test_only_administrators_hear_of_everybody(author: Person, service: Service, hook: WebhookSink):
    body = {"name": "All", "url": hook.url, "scope": "everybody", "types": ["template.created"]}
    assert (await author.post("/api/webhooks", body)).status == 403
    browser = await in_database_thread(browser_of, author)
    form = {"name": "All", "url": hook.url, "format": "cloudevents", "scope": "everybody"}
    assert (await browser.post("/settings/webhooks", form=form)).status == 403
    assert "Events of everybody" not in (await browser.get("/settings/webhooks")).text
    admin = Person(service.url, await in_database_thread(new_user, name="Ann", roles=["admin"]))
    webhook = await admin.post("/api/webhooks", body)
    assert (webhook.status, webhook.body["scope"]) == (201, "everybody")
    assert (await made(author))["scope"] == "own"
    await author.post("/api/templates", {"name": "T", "category": "c", "prompt": "private words"})
    await came(hook, 1)
    assert b"private words" not in hook.calls[0][1]
    told = (await admin.get("/api/audit?act=webhook_hears_everybody")).body["results"]
    assert webhook.body["id"] in {each["object_id"] for each in told}
    desk = await in_database_thread(browser_of, admin)
    assert "of everybody" in (await desk.get("/settings/webhooks")).text


async def test_a_manager_has_a_webhook_for_their_team(author: Person, stranger: Person):
    assert author.user is not None
    user = author.user

    def founded() -> str:
        team = Team.objects.create(name="Writers & Co")
        TeamMember.objects.create(team=team, user=user, role=Standing.MANAGER)
        return str(team.id)

    team_id = await in_database_thread(founded)
    webhook = await made(author, scope="team", team_id=team_id)
    assert (webhook["scope"], webhook["team_id"]) == ("team", team_id)
    assert ((await made(author))["scope"], (await made(author))["team_id"]) == ("own", None)
    body = {"name": "W", "url": "https://example.com/hook"}
    for wrong in ({"scope": "team"}, {"team_id": team_id}, {"scope": "everybody", "team_id": team_id}):
        answer = await author.post("/api/webhooks", {**body, **wrong})
        assert (answer.status, answer.body["errors"][0]["field"]) == (400, "team_id")
    assert (await stranger.post("/api/webhooks", {**body, "scope": "team", "team_id": team_id})).status == 403

    browser = await in_database_thread(browser_of, author)
    form = {**body, "format": "cloudevents", "team_id": team_id}
    assert "whsec_" in (await browser.post("/settings/webhooks", form=form)).text
    shown = (await browser.get("/settings/webhooks")).text
    assert "all events of what is shared with Writers &amp; Co" in shown
    refused = await browser.post("/settings/webhooks", form={**form, "types": "execution.completed"})
    assert refused.status == 400
    assert "not execution.completed" in refused.text
    other = await in_database_thread(browser_of, stranger)
    assert "Of what is shared with" not in (await other.get("/settings/webhooks")).text
    assert (await other.post("/settings/webhooks", form=form)).status == 403
