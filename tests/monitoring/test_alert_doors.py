"""Alerts over the API: rules made, changed and removed, alerts muted, and what of bodies is wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Role
from foundation.database.threads import in_database_thread
from monitoring.models import AlertRule
from tests.cast import Person, new_user
from tests.doors.browser import browser_of
from tests.monitoring.rows import a_rule, no_rules
from tests.servers.service import Service

LATER = timezone.now() + timedelta(days=1)
"""Of what no process that runs meanwhile judges."""
RULES = "/api/monitoring/alert-rules"
GIVEN = {
    "name": "Queue", "figure": "queue_oldest", "comparison": "above", "threshold": 60, "minutes": 5,
    "severity": "warning",
}  # fmt: skip


@pytest.fixture
def admin(service: Service) -> Person:
    """An administrator."""
    return Person(service.url, new_user(roles=[Role.ADMIN]))


async def test_a_rule_is_made_changed_and_removed_and_the_log_tells_it(admin: Person) -> None:
    await in_database_thread(no_rules)
    made = await admin.post(RULES, GIVEN)
    assert (made.status, made.body["provider"], made.body["is_enabled"]) == (201, "", True)
    door = f"{RULES}/{made.body['id']}"
    changed = await admin.call("PATCH", door, {"threshold": 90.5, "is_enabled": False})
    assert (changed.body["threshold"], changed.body["is_enabled"], changed.body["minutes"]) == (90.5, False, 5)
    listed = (await admin.get(RULES)).body
    assert [each["name"] for each in listed["results"]] == ["Queue"]
    assert "queue_oldest" in [each["name"] for each in listed["figures"]]
    assert (await admin.call("DELETE", door)).status == 204
    assert (await admin.call("DELETE", door)).status == 404
    assert (await admin.call("PATCH", door, {})).status == 404
    log = (await admin.get("/api/audit?kind=alert_rule")).body["results"]
    acts = sorted(each["act"] for each in log if each["object_id"] == str(made.body["id"]))
    assert acts == ["alert_rule_changed", "alert_rule_deleted", "alert_rule_made"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", "x" * 101), ("figure", "weather"), ("comparison", "beside"), ("threshold", "60"),
        ("threshold", 1e300), ("threshold", None), ("minutes", -1), ("minutes", 10_081), ("minutes", 1.5),
        ("severity", "page"), ("is_enabled", "yes"), ("provider", "openai"), ("colour", "red"),
    ],
)  # fmt: skip
async def test_a_refusal_names_the_field(admin: Person, field: str, value: Any) -> None:
    rule = await in_database_thread(a_rule, "Other")
    for answer in (
        await admin.post(RULES, {**GIVEN, field: value}),
        await admin.call("PATCH", f"{RULES}/{rule.id}", {field: value}),
    ):
        assert answer.status == 400
        assert [each["field"] for each in answer.body["errors"]] == [field]


async def test_two_rules_have_not_the_same_name(admin: Person) -> None:
    rule = await in_database_thread(a_rule, "Other")
    await in_database_thread(a_rule, "Queue")
    for answer in (
        await admin.post(RULES, GIVEN),
        await admin.call("PATCH", f"{RULES}/{rule.id}", {"name": "Queue"}),
    ):
        assert (answer.status, answer.body["errors"][0]["field"]) == (400, "name")


async def test_an_alert_is_muted_for_a_while_and_heard_again(admin: Person) -> None:
    def make() -> Any:
        rule = a_rule("Queue")
        return rule.alerts.create(since=timezone.now(), state="firing", value=99, looked_at=LATER)

    alert = await in_database_thread(make)
    (row,) = (await admin.get("/api/monitoring/alerts?state=firing")).body["results"]
    assert (row["value"], row["unit"], row["rule"]["threshold"], row["muted_until"]) == (99, "s", 60, None)
    assert (await admin.get("/api/monitoring/alerts?state=pending")).body["results"] == []
    door = f"/api/monitoring/alerts/{alert.id}"
    assert (await admin.post(f"{door}/mute", {"minutes": 60})).body["muted_until"] is not None
    assert (await admin.post(f"{door}/unmute")).body["muted_until"] is None
    for minutes in (0, 10_081, "60", None):
        answer = await admin.post(f"{door}/mute", {"minutes": minutes})
        assert (answer.status, answer.body["errors"][0]["field"]) == (400, "minutes")
    for gone in (alert.id + 1, 10**30):
        assert (await admin.post(f"/api/monitoring/alerts/{gone}/mute", {"minutes": 1})).status == 404
    assert (await admin.get("/api/monitoring/alerts?state=loud")).status == 400
    log = (await admin.get("/api/audit?act=alert_muted")).body["results"]
    assert [each["object_id"] for each in log] == [str(alert.id)] * 2


async def test_the_page_is_for_administrators_and_does_what_it_says(admin: Person, service: Service) -> None:
    def make() -> Any:
        rule = a_rule("Queue")
        return rule.alerts.create(since=timezone.now(), state="firing", value=99, looked_at=LATER)

    alert = await in_database_thread(make)
    page = f"/monitoring/alerts/{alert.id}"
    stranger = await in_database_thread(lambda: browser_of(Person(service.url, new_user())))
    assert (await stranger.get("/monitoring/alerts")).status == 403
    for door in (
        f"{page}/mute",
        f"{page}/unmute",
        "/monitoring/alert-rules",
        f"/monitoring/alert-rules/{alert.rule_id}",
    ):
        assert (await stranger.post(door, form={"hours": "1"})).status == 403, door
    browser = await in_database_thread(browser_of, admin)
    text = (await browser.get("/monitoring/alerts")).text
    assert "Firing now: 1" in text
    assert "99 s" in text
    assert (await browser.post(f"{page}/mute", form={"hours": "2"})).status == 400
    assert (await browser.post(f"{page}/mute", form={"hours": "8"})).status == 302
    assert "muted for" in (await browser.get("/monitoring/alerts")).text
    assert (await browser.post(f"{page}/unmute", form={})).status == 302
    door = f"/monitoring/alert-rules/{alert.rule_id}"
    refused = await browser.post(door, form={"threshold": "x", "minutes": "1.5"})
    assert refused.status == 400
    assert 'value="x"' in refused.text, "what was typed stands there still"
    assert "Threshold must be a number." in refused.text
    assert "Minutes must be a whole number." in refused.text
    assert "checked" not in refused.text.partition('name="is_enabled"')[2].partition(">")[0]
    assert (await browser.post(door, form={"threshold": "70,5", "minutes": "3"})).status == 302
    rule = await in_database_thread(AlertRule.objects.get, id=alert.rule_id)
    assert (rule.threshold, rule.minutes, rule.is_enabled) == (70.5, 3, False)
    assert (await browser.post("/monitoring/alert-rules", form={**GIVEN, "name": "Mine"})).status == 302
    refused = await browser.post("/monitoring/alert-rules", form={**GIVEN, "name": "Mine", "threshold": "61.5"})
    assert refused.status == 400
    assert 'value="Mine"' in refused.text
    assert 'value="61.5"' in refused.text
    assert 'href="#name"' in refused.text.partition('id="refused"')[2].partition("</p>")[0]
    assert (await browser.post(f"{door}/deletion", form={})).status == 302
    assert (await browser.post(f"{door}/deletion", form={})).status == 404
