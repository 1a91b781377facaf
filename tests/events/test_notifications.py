"""People are told in the page what others do to what is theirs: with the change, once, and nobody of what they do."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Team, User
from accounts.notifying.told import told
from analytics.anomalies.baseline import Metric
from analytics.anomalies.telling import tell as tell_anomaly
from analytics.models import Anomaly
from evaluation_app import lifecycle as tests
from evaluation_app.models import EvaluationTest, TestStatus
from evaluation_app.sharing import share as share_test
from evaluation_app.statistics.clustering import Passes
from evaluation_app.statistics.figures import as_json
from evaluation_app.statistics.proportions import success_rate
from events.keeping import forget_old
from events.models import Delivery, Destination, Event, Kind, Notification, NotificationPreference
from events.notifications import preferences, reading
from events.notifications.words import one_line
from events.notifications.writing import notify
from events.webhooks import setting_up, stopping
from foundation.problems import Problem
from privacy.below.erasure import _notifications
from quotas.ledger.thresholds import look
from quotas.models import QuotaUsage
from sessions_app.lifecycle import share as share_session
from sessions_app.models import PlaygroundSession
from templates_app.content import Content
from templates_app.models import PromptTemplate, RequestedAct
from templates_app.sharing import share
from templates_app.versions import label_requests, labels, lifecycle, protection
from tests.cast import new_user
from tests.quotas.test_admission import limit

pytestmark = pytest.mark.django_db


def template_of(owner: User, name: str = "Greeting") -> PromptTemplate:
    """With one version."""
    change = lifecycle.Change({"name": name, "category": "c"}, Content("Say {{x}}"))
    return lifecycle.create(owner=owner, change=change)


def shared(template: PromptTemplate, *members: User | Team, role: str = "editor") -> None:
    """By its owner."""
    entries = [{"role": role, ("team_id" if isinstance(each, Team) else "user_id"): str(each.id)} for each in members]
    share(user=template.owner, template_id=template.id, visibility="shared", members=entries)


def sentences(user: User) -> list[str]:
    """What this person reads, the newest first."""
    return [each.words.sentence for each in told(reading.of(user.id))]


def test_a_label_that_another_moves_is_told_to_the_owner_and_to_those_who_share_it() -> None:
    owner, editor, mate = new_user(name="Owen"), new_user(name="Edith"), new_user(name="Mary")
    template = template_of(owner)
    team = Team.objects.create(name="T")
    team.members.add(owner, mate)
    shared(template, editor, team)
    Notification.objects.all().delete()
    labels.move(user=editor, template_id=template.id, label="production", number=1)
    for person in (owner, mate):
        assert sentences(person) == ["Edith moved label production of “Greeting” to version 1"]
    assert sentences(editor) == []
    assert not Event.objects.exists()  # nobody else wants it: it is told in the page all the same
    assert not Delivery.objects.exists()


def test_nobody_is_told_of_a_change_that_was_undone() -> None:
    owner, editor = new_user(), new_user()
    template = template_of(owner)
    shared(template, editor)
    with transaction.atomic():
        labels.move(user=editor, template_id=template.id, label="production", number=1)
        assert len(sentences(owner)) == 1
        transaction.set_rollback(True)
    assert sentences(owner) == []


def test_one_event_is_told_once() -> None:
    person, event = uuid.uuid4(), uuid.uuid4()
    for _ in range(2):
        notify(Kind.ANOMALY, people=[person, person], payload={"metric": "cost"}, event_id=event)
    assert Notification.objects.count() == 1


def test_approval_is_asked_of_those_who_may_give_it_and_the_answer_comes_back() -> None:
    owner, editor, reader = new_user(name="Owen"), new_user(name="Edith"), new_user(name="Rita")
    template = template_of(owner)
    shared(template, editor)
    protection.protect(user=owner, template_id=template.id, label="production")
    Notification.objects.all().delete()
    asked = label_requests.ask(
        user=editor, template_id=template.id, label="production", act=RequestedAct.MOVE, number=1, reason="secret why"
    )
    assert sentences(owner) == ["Edith asks for your approval: label production to version 1 of “Greeting”"]
    assert (sentences(editor), sentences(reader)) == ([], [])
    label_requests.approve(
        user=owner, template_id=template.id, label="production", request_id=asked.id, reason="because"
    )
    assert sentences(editor) == ["Owen approved what you asked for: label production to version 1 of “Greeting”"]


def test_who_withdraws_their_own_request_is_not_told() -> None:
    owner, editor = new_user(), new_user()
    template = template_of(owner)
    shared(template, editor)
    protection.protect(user=owner, template_id=template.id, label="production")
    Notification.objects.all().delete()
    asked = label_requests.ask(
        user=editor, template_id=template.id, label="production", act=RequestedAct.MOVE, number=1, reason="x"
    )
    label_requests.withdraw(user=editor, template_id=template.id, label="production", request_id=asked.id)
    assert sentences(editor) == []


def test_what_is_shared_is_told_to_those_who_did_not_see_it_before() -> None:
    owner, first, second = new_user(name="Owen"), new_user(), new_user()
    template = template_of(owner)
    shared(template, first)
    shared(template, first, second)
    assert sentences(first) == sentences(second) == ["Owen shared the template “Greeting” with you"]
    session = PlaygroundSession.objects.create(user=owner, name="Trials")
    for members in ([first], [first, second], []):
        entries = [{"user_id": str(each.id)} for each in members]
        share_session(user=owner, session_id=session.id, members=entries)
    assert sentences(second)[0] == "Owen shared the session “Trials” with you"
    assert len(sentences(first)) == 2
    test = a_test(owner)
    share_test(user=owner, test_id=test.id, members=[{"user_id": str(first.id)}])
    assert sentences(first)[0] == "Owen shared the test “Nightly” with you"


def a_test(owner: User) -> EvaluationTest:
    """One that runs."""
    session = PlaygroundSession.objects.create(user=owner, name="T", is_hidden=True)
    return EvaluationTest.objects.create(
        name="Nightly", user=owner, session=session, seed=1, runs=1, blocks=1, samples=1, status="running"
    )


def figure_of(cases: list[tuple[int, int]]) -> dict[str, Any]:
    """The rate of cases, each as (answers, passed), as a test keeps it."""
    return as_json(success_rate([Passes(*case) for case in cases]))


@pytest.mark.parametrize(
    ("status", "results", "wanted"),
    [
        (
            TestStatus.COMPLETED,
            {"success_rate": 1 / 3, "figures": {"success_rate": figure_of([(2, 1), (2, 1), (2, 0)])}},
            ["The test “Nightly” has completed: 33\u00a0% passed (2 to 92\u00a0%), from 6 answers to 3 cases"],
        ),
        (
            TestStatus.COMPLETED,
            {"success_rate": 1, "figures": {"success_rate": {"n": 1, "cases": 1, "interval": None}}},
            ["The test “Nightly” has completed: 100\u00a0% passed, from 1 answer to 1 case"],
        ),
        (TestStatus.COMPLETED, {"success_rate": None}, ["The test “Nightly” has completed"]),
        (TestStatus.FAILED, {}, ["The test “Nightly” ended without completing: failed"]),
        (TestStatus.CANCELLED, {}, []),
        (
            TestStatus.COMPLETED,
            {"success_rate": 0.5, "baseline": {"is_regression": True}},
            ["The test “Nightly” has completed: 50\u00a0% passed", "The test “Nightly” is worse than its baseline"],
        ),
    ],
)
def test_the_end_of_a_test_is_told_to_its_owner(
    status: TestStatus, results: dict[str, object], wanted: list[str]
) -> None:
    owner = new_user()
    test = a_test(owner)
    assert tests.end(test.id, taken_up=test.taken_up, to=status, results=results)
    assert sorted(sentences(owner)) == wanted
    assert not tests.end(test.id, taken_up=test.taken_up, to=status, results=results)
    assert len(sentences(owner)) == len(wanted)


def test_a_share_of_ones_own_limit_is_told_once() -> None:
    person = new_user()
    limit("user", person.id, executions=10)
    QuotaUsage.objects.create(
        subject_kind="user", subject_id=str(person.id), period="day", starts_on=timezone.now().date(),
        time_zone="UTC", executions=9, is_whole=True,
    )  # fmt: skip
    look()
    look()
    assert sentences(person) == ["80 % of your executions of the day are used"]
    assert Notification.objects.count() == 1


def test_ones_own_anomaly_is_told() -> None:
    person = new_user()
    hour = timezone.now()
    row = Anomaly.objects.create(
        subject_kind="user", subject_id=str(person.id), metric=Metric.COST, first_hour=hour, last_hour=hour,
        evidence={}, throttled_to=Decimal(1),
    )  # fmt: skip
    tell_anomaly(row)
    assert sentences(person) == ["Your use is unlike before: cost"]
    assert Notification.objects.count() == 1


def test_the_owner_is_told_that_a_webhook_is_stopped_and_why() -> None:
    owner = new_user()
    webhook, _ = setting_up.make(owner_id=owner.id, name="Deploy", url="https://example.com/x", types=None)
    assert not stopping.stop(webhook)
    Destination.objects.update(
        failing_since=timezone.now() - timedelta(days=4), last_error="The answer was status 500."
    )
    assert stopping.stop(webhook)
    assert not stopping.stop(webhook)
    (one,) = told(reading.of(owner.id))
    assert one.words.sentence == (
        "Your webhook “Deploy” is stopped. It has failed for three days: The answer was status 500."
    )
    assert one.words.path == f"/settings/webhooks/{webhook.id}"


def test_each_kind_has_words_and_a_page() -> None:
    from events.notifications import words

    assert set(words._WORDS) == set(words.SUBJECTS) == set(Kind)


def test_preferences_decide_whether_and_how() -> None:
    both, mail, none, first = (uuid.uuid4() for _ in range(4))
    for person, way in ((both, (True, True)), (mail, (False, True)), (none, (False, False))):
        preferences.choose(person, {Kind.ANOMALY: preferences.Way(*way)})
    notify(Kind.ANOMALY, people=[both, mail, none, first], payload={"metric": "cost"})
    found = {each.user_id: (each.is_shown, each.mail_due_at is not None) for each in Notification.objects.all()}
    assert found == {both: (True, True), mail: (False, True), first: (True, False)}
    assert (reading.unread(both), reading.unread(mail)) == (1, 0)
    assert preferences.of(both)[Kind.QUOTA] == preferences.AT_FIRST


def test_names_are_sealed_and_lose_their_line_breaks() -> None:
    owner, editor = new_user(), new_user(name="Eve\r\nBcc: all@example.org")
    template = template_of(owner, name="Private plans")
    shared(template, editor)
    labels.move(user=editor, template_id=template.id, label="production", number=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload::text || coalesce(encode(words, 'escape'), '') FROM notifications")
        assert all("Private" not in text for (text,) in cursor.fetchall())
    assert sentences(owner)[0].startswith("Eve Bcc: all@example.org moved")
    assert one_line("a\u2028b\x00c\td") == "a b c d"


def test_ones_own_are_marked_as_read_and_nobody_elses() -> None:
    person, other, now = uuid.uuid4(), uuid.uuid4(), timezone.now()
    for each in (person, person, other):
        notify(Kind.ANOMALY, people=[each], payload={"metric": "cost"})
    row = reading.of(person)[0]
    with pytest.raises(Problem):
        reading.read(other, row.id, now=now)
    first = reading.read(person, row.id, now=now).read_at
    assert reading.read(person, row.id, now=now + timedelta(days=1)).read_at == first
    assert (reading.unread(person), reading.unread(other)) == (1, 1)
    assert reading.read_all(person, now=timezone.now()) == 1
    assert (reading.unread(person), reading.unread(other)) == (0, 1)


def test_they_go_ninety_days_after_they_were_read_and_after_a_year() -> None:
    person, now = uuid.uuid4(), timezone.now()
    for days, read in ((400, None), (364, None), (100, 91), (100, 89)):
        notify(Kind.ANOMALY, people=[person], payload={"metric": str(days)})
        row = Notification.objects.filter(created_at__gt=now - timedelta(hours=1)).get()
        row.created_at = now - timedelta(days=days)
        row.read_at = now - timedelta(days=read) if read else None
        row.save()
    forget_old(now=now)
    assert sorted((each.payload["metric"], each.read_at is None) for each in Notification.objects.all()) == [
        ("100", False),
        ("364", True),
    ]


def test_an_erased_person_is_told_nothing_and_named_nowhere() -> None:
    gone, stays, third = new_user(name="Gone"), new_user(), new_user(name="Third")
    template, other = template_of(gone), template_of(stays, name="Mine")
    shared(template, stays)
    shared(other, gone, third)
    labels.move(user=gone, template_id=other.id, label="production", number=1)
    preferences.choose(gone.id, {Kind.QUOTA: preferences.AT_FIRST})
    _notifications(gone.id)
    assert not Notification.objects.filter(user_id=gone.id).exists()
    assert not NotificationPreference.objects.exists()
    assert sentences(stays) == ["Somebody moved label production of “Mine” to version 1"]
