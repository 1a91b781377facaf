"""T15, T37: who is unlike before is held to what is usual for them, where that is wanted, for as long as it is so."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone
from pydantic import ValidationError
from pytest_django.fixtures import Settings

from accounts.models import Role
from analytics.anomalies import throttling
from analytics.anomalies.baseline import Metric
from analytics.anomalies.dismissing import dismiss
from analytics.models import Anomaly, SubjectKind
from audit.models import AuditEntry
from config.environment import Environment
from foundation.database.threads import in_database_thread
from playground.engine.store import Store
from privacy.erasure.steps import in_order
from quotas.ledger import throttling as throttles
from quotas.ledger.setting import set_limits
from quotas.ledger.standing import standings_of
from quotas.models import QuotaLimit, QuotaUsage
from quotas.models import SubjectKind as QuotaSubject
from sessions_app.models import PlaygroundSession
from tests.analytics.test_anomalies import HOUR, NOON, look, place, spend
from tests.cast import Person, new_user
from tests.doors.browser import browser_of
from tests.playground.conftest import make_provider, provider
from tests.quotas.test_admission import beginning, begun, somebody, stores
from tests.servers.service import Service

__all__ = ["make_provider", "place", "provider", "stores"]


@pytest.fixture
def on(settings: Settings) -> None:
    """Whoever is unlike before is held to four of their usual days a day."""
    settings.ENV = settings.ENV.model_copy(update={"anomaly_throttle": 4.0})


def work(step: int = 0) -> None:
    """What the task does so many hours after noon."""
    look(NOON + step * HOUR)
    throttling.settle_all(now=timezone.now())


def held(user_id: Any) -> QuotaLimit | None:
    """What holds this user back."""
    return QuotaLimit.objects.filter(subject_kind=QuotaSubject.THROTTLE, subject_id=str(user_id)).first()


def acts(user_id: Any) -> list[tuple[str, str]]:
    """What the audit log tells of their throttle, and by what."""
    told = AuditEntry.objects.filter(object_id=str(user_id), act__startswith="throttle").order_by("id")
    return list(told.values_list("act", "by"))


@pytest.mark.django_db
def test_nobody_is_held_back_unless_it_is_wanted(place: PlaygroundSession) -> None:
    spend(place, NOON, 60)
    work()
    assert Anomaly.objects.filter(subject_kind=SubjectKind.USER, metric=Metric.COST).get().throttled_to is None
    assert held(place.user_id) is None


@pytest.mark.django_db
def test_t37_an_open_anomaly_holds_its_user_and_no_other_until_it_is_over(on: None, place: PlaygroundSession) -> None:
    other = PlaygroundSession.objects.default_of(new_user())
    spend(other, NOON, 0.5)
    spend(place, NOON, 60)
    work()
    work()
    mine = Anomaly.objects.get(subject_kind=SubjectKind.USER, metric=Metric.COST)
    row = held(place.user_id)
    assert row is not None
    # A usual day is about 1.1 USD.
    assert row.cost == mine.throttled_to == pytest.approx(Decimal("4.4"), abs=Decimal("0.2"))
    assert (row.executions, row.is_hard, row.period) == (None, True, "day")
    assert [each.subject_id for each in QuotaLimit.objects.all()] == [str(place.user_id)]
    assert not Anomaly.objects.exclude(subject_kind=SubjectKind.USER).filter(throttled_to__isnull=False).exists()
    assert acts(place.user_id) == [("throttled", "service")]
    for step in (12, 36, 60):
        work(step)
    work(60)
    mine.refresh_from_db()
    assert mine.closed_at is not None
    assert held(place.user_id) is None
    assert acts(place.user_id) == [("throttled", "service"), ("throttle_ended", "service")]


@pytest.mark.django_db
def test_calls_hold_calls_and_errors_hold_nobody(on: None, place: PlaygroundSession) -> None:
    for day in range(1, 36):
        spend(place, NOON - timedelta(days=day), 0.01, calls=25)
    spend(place, NOON, 1, calls=400, status="failed")
    work()
    metrics = Anomaly.objects.filter(subject_kind=SubjectKind.USER, throttled_to__isnull=False)
    assert list(metrics.values_list("metric", flat=True)) == [Metric.VOLUME]
    assert Anomaly.objects.filter(subject_kind=SubjectKind.USER, metric=Metric.ERRORS).exists()
    row = held(place.user_id)
    assert row is not None
    assert (row.executions, row.cost) == (104, None)


@pytest.mark.django_db
def test_t15_a_quota_of_theirs_stands_before_during_and_after_as_it_was_set(on: None, place: PlaygroundSession) -> None:
    def of_theirs() -> list[Any]:
        rows = QuotaLimit.objects.filter(subject_kind=QuotaSubject.USER, subject_id=str(place.user_id))
        return list(rows.order_by("period").values_list("period", "cost", "executions", "is_hard"))

    def set_day(cost: str) -> None:
        limit = {"period": "day", "cost": Decimal(cost), "is_hard": False}
        set_limits(kind=QuotaSubject.USER, subject_id=str(place.user_id), limits=[limit], by=None)

    set_day("1")
    spend(place, NOON, 60)
    work()
    assert of_theirs() == [("day", Decimal(1), None, False)]
    set_day("50")
    work(1)
    assert held(place.user_id) is not None
    assert of_theirs() == [("day", Decimal(50), None, False)]
    mine = Anomaly.objects.get(subject_kind=SubjectKind.USER, metric=Metric.COST)
    dismiss(anomaly_id=mine.id, by=new_user(roles=[Role.ADMIN]), reason="A load test", at=timezone.now())
    assert held(place.user_id) is None
    spend(place, NOON + 2 * HOUR, 60)
    work(2)
    assert held(place.user_id) is None, "a dismissed run of hours holds nobody back again"
    assert of_theirs() == [("day", Decimal(50), None, False)]


@pytest.mark.django_db
def test_what_a_killed_worker_has_left_undone_is_done_by_the_next(on: None, place: PlaygroundSession) -> None:
    spend(place, NOON, 60)
    look(NOON)  # killed before it held anybody
    assert held(place.user_id) is None
    throttling.settle_all(now=timezone.now())
    assert held(place.user_id) is not None
    Anomaly.objects.update(closed_at=timezone.now())  # and here before it let go
    throttling.settle_all(now=timezone.now())
    throttling.settle_all(now=timezone.now())
    assert held(place.user_id) is None
    assert [act for act, _ in acts(place.user_id)] == ["throttled", "throttle_ended"]


@pytest.mark.django_db
def test_it_is_over_though_no_worker_comes_and_when_it_is_no_longer_wanted(
    settings: Settings, on: None, place: PlaygroundSession
) -> None:
    def kinds() -> set[str]:
        return {each.subject_kind for each in standings_of(user_id=place.user_id)}

    spend(place, NOON, 60)
    work()
    assert kinds() == {"throttle"}
    QuotaLimit.objects.update(ends_at=timezone.now() - timedelta(days=1))
    assert kinds() == set()
    throttling.settle_all(now=timezone.now())
    assert kinds() == {"throttle"}
    settings.ENV = settings.ENV.model_copy(update={"anomaly_throttle": 0})
    throttling.settle_all(now=timezone.now())
    assert (kinds(), held(place.user_id)) == (set(), None)
    assert not Anomaly.objects.filter(throttled_to__isnull=False).exists()


@pytest.mark.django_db
def test_t39_it_goes_with_an_erased_person(on: None, place: PlaygroundSession) -> None:
    spend(place, NOON, 60)
    work()
    (step,) = [each for each in in_order() if each.name == "quotas"]
    assert step.turn(place.user_id) == 1
    assert held(place.user_id) is None


def somebody_waits() -> bool:
    """Whether somebody waits for the lock on a throttle."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)")
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_look_first", [True, False])
def test_t15_a_dismissal_that_races_a_look_ends_it_whoever_is_first(on: None, is_look_first: bool) -> None:
    user, admin = new_user(), new_user(roles=[Role.ADMIN])
    mine = Anomaly.objects.create(
        subject_kind=SubjectKind.USER, subject_id=str(user.id), metric=Metric.COST, first_hour=NOON, last_hour=NOON,
        evidence={}, throttled_to=Decimal(3),
    )  # fmt: skip
    first_has_acted = threading.Event()
    met: list[bool] = []

    def looked() -> None:
        throttling.settle(user.id, now=timezone.now())

    def dismissed() -> None:
        dismiss(anomaly_id=mine.id, by=admin, reason="x", at=timezone.now())

    def first(act: Callable[[], None]) -> None:
        """Acts, and holds its transaction open until the other one waits for it."""
        with transaction.atomic():
            act()
            first_has_acted.set()
            deadline = time.monotonic() + 30
            while not somebody_waits() and time.monotonic() < deadline:
                time.sleep(0.01)
            met.append(somebody_waits())
        connections.close_all()

    def second(act: Callable[[], None]) -> None:
        first_has_acted.wait(30)
        with transaction.atomic():
            act()
        connections.close_all()

    acts_of_both = [looked, dismissed] if is_look_first else [dismissed, looked]
    threads = [
        threading.Thread(target=how, args=(act,)) for how, act in zip((first, second), acts_of_both, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert met == [True]
    assert held(user.id) is None
    assert acts(user.id)[-1:] == ([("throttle_ended", "service")] if is_look_first else [])


async def test_t15_the_lower_limit_holds_and_only_what_begins_after_it_counts(stores: list[Store]) -> None:
    session = await in_database_thread(somebody)
    end = timezone.now() + HOUR

    def hold(executions: int) -> None:
        with transaction.atomic():
            throttles.hold(session.user_id, cost=None, executions=executions, ends_at=end)

    def limit_of_theirs(executions: int) -> None:
        limit = {"period": "day", "executions": executions}
        set_limits(kind=QuotaSubject.USER, subject_id=str(session.user_id), limits=[limit], by=None)

    await in_database_thread(limit_of_theirs, 3)
    assert await begun(stores[0], beginning(session))
    await in_database_thread(hold, 1)
    assert [await begun(stores[0], beginning(session)) for _ in range(2)] == [True, False]
    await in_database_thread(hold, 30)
    assert [await begun(stores[1], beginning(session)) for _ in range(2)] == [True, False]
    await in_database_thread(limit_of_theirs, 40)

    def let_go() -> bool:
        with transaction.atomic():
            return throttles.release(session.user_id) and not throttles.release(session.user_id)

    assert await in_database_thread(let_go)
    assert not await in_database_thread(QuotaUsage.objects.filter(subject_kind="throttle").exists)
    assert await begun(stores[0], beginning(session))


async def test_t37_the_refusal_says_why_and_a_dismissal_ends_it_at_once(service: Service, provider: str) -> None:
    author = Person(service.url, await in_database_thread(new_user))
    admin = Person(service.url, await in_database_thread(new_user, roles=[Role.ADMIN]))
    assert author.user is not None
    user_id = author.user.id

    def hold() -> int:
        row = Anomaly.objects.create(
            subject_kind=SubjectKind.USER, subject_id=str(user_id), metric=Metric.VOLUME, first_hour=NOON,
            last_hour=NOON, evidence={"hour": NOON.isoformat(), "value": 400.0, "span": 1}, throttled_to=Decimal(1),
        )  # fmt: skip
        with transaction.atomic():
            throttles.hold(user_id, cost=None, executions=1, ends_at=timezone.now() + HOUR)
        return int(row.id)

    anomaly_id = await in_database_thread(hold)
    assert (await author.execute(f"{provider}/echo")).status == 200
    refused = await author.execute(f"{provider}/echo")
    assert (refused.status, refused.body["code"]) == (429, "quota_exceeded")
    said = "Your use is unlike before and is held back until that is over or dismissed; this throttle of 1 execution a"
    assert refused.body["detail"].startswith(said)
    (mine,) = (await author.get("/api/quotas")).body["results"]
    assert (mine["subject_kind"], mine["executions"]["left"]) == ("throttle", 0)
    (told,) = (await author.get("/api/analytics/anomalies?open=true")).body["results"]
    assert told["throttled_to"] == 1
    browser = await in_database_thread(browser_of, author)
    assert "held to 1 call a day" in (await browser.get("/settings/anomalies")).text
    assert "Held back, as your use is unlike before" in (await browser.get("/settings/usage")).text
    body = {"limits": [{"period": "day", "executions": 1000}]}
    assert (await admin.call("PUT", f"/api/quotas/throttle/{user_id}", body)).status == 404
    assert (await admin.get("/api/quotas/limits")).body["results"] == []
    done = await admin.post(f"/api/analytics/anomalies/{anomaly_id}/dismiss", {"reason": "A load test"})
    assert done.status == 200
    assert (await author.execute(f"{provider}/echo")).status == 200
    assert await in_database_thread(acts, user_id) == [("throttled", "service"), ("throttle_ended", "web_token")]


@pytest.mark.parametrize(("said", "factor"), [("off", 0), ("On", 1), ("1.5", 1.5), ("0", 0)])
def test_it_is_said_in_words_or_as_a_number_of_usual_days(said: str, factor: float) -> None:
    assert Environment(anomaly_throttle=said).anomaly_throttle == factor


@pytest.mark.parametrize("said", ["-1", "much", "1000"])
def test_a_wrong_word_stops_the_start(said: str) -> None:
    with pytest.raises(ValidationError, match="anomaly_throttle"):
        Environment(anomaly_throttle=said)
