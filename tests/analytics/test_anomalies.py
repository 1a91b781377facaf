"""What is unlike before is found, told once, and over when it is over."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Role, User
from analytics.anomalies import scanning
from analytics.anomalies.baseline import Figures, Metric, is_unusual, judge
from analytics.anomalies.dismissing import dismiss, visible_to
from analytics.keeping.erasure import _anomalies
from analytics.models import Anomaly, SubjectKind, UsageHour, UsageRollup
from bench.anomalies import KINDS, measure
from foundation.problems import Problem
from playground.models import PromptExecution, Status
from sessions_app.models import PlaygroundSession
from tests.analytics.ledger import session
from tests.cast import new_user

NOON = datetime(2032, 3, 8, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_synthetic_histories_meet_their_bounds() -> None:
    tally = measure(range(2))
    assert {kind: tally.recall(kind) for kind in KINDS if tally.recall(kind) < 0.5} == {}
    assert tally.precision >= 0.7
    assert tally.false_a_week <= 1.5


def test_a_flat_past_does_not_alarm_at_a_cent() -> None:
    series = {hour: Figures(10, 0, 1.0) for hour in range(2000)}
    series[1999] = Figures(11, 1, 1.2)
    for metric in (Metric.COST, Metric.VOLUME, Metric.ERRORS):
        judged = judge(series, hour=1999, metric=metric, first=0)
        assert judged is None or not is_unusual(judged, 1999)


def test_without_a_past_nothing_is_judged() -> None:
    assert judge({100: Figures(9999, 0, 9999.0)}, hour=100, metric=Metric.COST, first=100) is None


def test_few_calls_make_no_share_of_errors() -> None:
    series = {hour: Figures(30, 0, 0.1) for hour in range(2000)}
    series[1999] = Figures(3, 3, 0.1)
    assert judge(series, hour=1999, metric=Metric.ERRORS, first=0) is None


def spend(place: PlaygroundSession, at: datetime, cost: float, *, calls: int = 1, **fields: Any) -> None:
    """Runs in the hour."""
    given = {"model_id": "openai/a", "status": Status.COMPLETED, **fields}
    PromptExecution.objects.bulk_create(
        PromptExecution(
            session=place, user_id=place.user_id, request={"prompt": "x"}, created_at=at + timedelta(minutes=1),
            estimated_cost=Decimal(str(round(cost / calls, 8))), **given,
        )
        for _ in range(calls)
    )  # fmt: skip


@pytest.fixture
def place(db: None) -> PlaygroundSession:
    """Somebody of an organisation who spends about a dollar at noon each day, for five weeks."""
    made = session()
    made.user.organisation = "acme"
    made.user.save()
    source = random.Random(1)
    for day in range(1, 36):
        spend(made, NOON - timedelta(days=day), 1 + source.random() / 5)
    return made


def look(at: datetime) -> None:
    """As the task would, an hour after `at` began."""
    scanning.scan(now=at + HOUR + scanning.LATE)


@pytest.mark.django_db
def test_one_anomaly_stands_for_a_run_of_hours_and_is_closed(place: PlaygroundSession) -> None:
    for step in range(3):
        spend(place, NOON + step * HOUR, 60)
    look(NOON)
    look(NOON)
    mine = Anomaly.objects.get(subject_kind=SubjectKind.USER, metric=Metric.COST)
    assert (mine.subject_id, mine.first_hour, mine.closed_at) == (str(place.user_id), NOON, None)
    assert mine.evidence["contributors"] == [{"id": "openai/a", "value": pytest.approx(60, abs=3)}]
    assert mine.evidence["value"] > 59
    assert mine.evidence["median"] < 2
    kinds = set(Anomaly.objects.filter(metric=Metric.COST).values_list("subject_kind", flat=True))
    assert kinds == set(SubjectKind.values)
    look(NOON + 2 * HOUR)
    mine.refresh_from_db()
    assert (mine.last_hour, mine.closed_at) == (NOON + 2 * HOUR, None)
    look(NOON + 12 * HOUR)
    look(NOON + 36 * HOUR)
    look(NOON + 60 * HOUR)
    mine.refresh_from_db()
    assert mine.closed_at is not None
    assert Anomaly.objects.filter(subject_kind=SubjectKind.USER, metric=Metric.COST).count() == 1


@pytest.mark.django_db
def test_figures_are_kept_in_step_and_copies_are_left_out(place: PlaygroundSession) -> None:
    spend(place, NOON, 1, calls=2)
    spend(place, NOON, 500, metadata={"forked_from": "x"})
    look(NOON)
    before = list(UsageHour.objects.order_by("id").values_list("hour", "calls", "cost"))
    UsageRollup.objects.update(done_until=NOON - 3 * HOUR)
    look(NOON)
    assert list(UsageHour.objects.order_by("id").values_list("hour", "calls", "cost")) == before
    assert UsageHour.objects.get(hour=NOON).calls == 2
    assert not Anomaly.objects.exists()
    long_after = NOON + timedelta(days=90)
    for _ in range(95):
        scanning.scan(now=long_after)
    assert not UsageHour.objects.filter(hour__lt=long_after - scanning.REACH - HOUR).exists()


def figures_of(user: User, day: int, cost: float, *, model_id: str = "openai/a") -> UsageHour:
    """What was used at noon of that day before, as it was rolled up."""
    hour = NOON - timedelta(days=day)
    return UsageHour(hour=hour, user=user, model_id=model_id, calls=3, errors=0, cost=Decimal(str(round(cost, 4))))


@pytest.mark.django_db
def test_it_is_the_same_however_many_are_read_at_once() -> None:
    source, users = random.Random(2), [new_user(organisation=f"org{n % 12}" if n % 4 else "") for n in range(50)]
    UsageHour.objects.bulk_create(
        figures_of(user, day, 1 + source.random() / 5) for user in users for day in range(1, 36)
    )
    UsageHour.objects.bulk_create(figures_of(user, 0, 60) for user in users[::7])
    UsageHour.objects.bulk_create(figures_of(user, 0, 0.1, model_id="openai/b") for user in users[::9])
    found = []
    for at_once in (1, 7, 1000):
        Anomaly.objects.all().delete()
        UsageRollup.objects.update_or_create(id=1, defaults={"done_until": NOON})
        assert scanning.scan(now=NOON + HOUR + scanning.LATE, at_once=at_once) == 1
        columns = ("subject_kind", "subject_id", "metric", "detail", "first_hour", "last_hour", "evidence")
        found.append(list(Anomaly.objects.order_by(*columns[:4]).values_list(*columns)))
    assert found[0] == found[1] == found[2]
    told = Counter((each[0], each[2]) for each in found[0])
    assert (told["user", "cost"], told["user", "new_model"], told["installation", "cost"]) == (8, 6, 1)
    assert told["organisation", "cost"] > 0


@pytest.mark.django_db
def test_of_whom_nothing_is_known_any_more_nothing_stays_open(place: PlaygroundSession) -> None:
    spend(place, NOON, 60)
    look(NOON)
    of_acme = Anomaly.objects.filter(subject_kind=SubjectKind.ORGANISATION, metric=Metric.COST)
    assert of_acme.get().closed_at is None
    User.objects.filter(id=place.user_id).update(organisation="elsewhere")
    look(NOON + HOUR)
    assert of_acme.get(subject_id="acme").closed_at == NOON + 2 * HOUR


@pytest.mark.django_db
def test_a_run_of_hours_that_was_dismissed_is_not_told_anew_hour_after_hour(place: PlaygroundSession) -> None:
    for step in range(3):
        spend(place, NOON + step * HOUR, 60)
    spend(place, NOON + timedelta(days=3), 60)
    look(NOON)
    mine = Anomaly.objects.filter(subject_kind=SubjectKind.USER, metric=Metric.COST)
    dismiss(anomaly_id=mine.get().id, by=new_user(roles=[Role.ADMIN]), reason="A load test", at=NOON + 2 * HOUR)
    for step in (1, 2, 20):
        look(NOON + step * HOUR)
    assert (mine.get().last_hour, mine.get().closed_at) == (NOON + 20 * HOUR, NOON + 2 * HOUR)
    for step in (44, 68, 72):
        look(NOON + step * HOUR)
    again = mine.get(dismissed_at=None)
    assert again.first_hour == NOON + timedelta(days=3)


def end_late(place: PlaygroundSession, began: datetime, cost: float, **fields: Any) -> None:
    """The run that began then ends after its hour was looked at, and costs this."""
    rows = PromptExecution.objects.filter(user=place.user, created_at=began, ended_at=None)
    assert rows.update(ended_at=NOON + HOUR, estimated_cost=Decimal(str(cost)), **fields) == 1


def begin(place: PlaygroundSession, began: datetime) -> None:
    """A run that goes on."""
    PromptExecution.objects.create(
        session=place, user=place.user, model_id="openai/a", request={"prompt": "x"}, created_at=began,
        status=Status.RUNNING,
    )  # fmt: skip


@pytest.fixture
def ten_fifty(place: PlaygroundSession) -> datetime:
    """A run of that time of day goes on, and its hour was looked at."""
    for day in range(1, 36):
        spend(place, NOON - timedelta(days=day, hours=2), 1)
    began = NOON - timedelta(hours=1, minutes=10)
    begin(place, began)
    look(NOON - HOUR)
    assert not Anomaly.objects.exists()
    return began


@pytest.mark.django_db
def test_a_run_begun_at_ten_fifty_that_ends_at_one_is_in_the_figures_and_judged(
    place: PlaygroundSession, ten_fifty: datetime
) -> None:
    ten = NOON - 2 * HOUR
    assert UsageHour.objects.get(hour=ten).cost == 0
    end_late(place, ten_fifty, 60, status=Status.COMPLETED)
    look(NOON)
    assert UsageHour.objects.get(hour=ten).cost == 60
    mine = Anomaly.objects.get(subject_kind=SubjectKind.USER, metric=Metric.COST)
    assert (mine.first_hour, mine.evidence["hour"]) == (ten, ten.isoformat())
    assert (mine.evidence["value"], mine.evidence["span"]) == (pytest.approx(60), 1)
    look(NOON + HOUR)
    assert Anomaly.objects.get(subject_kind=SubjectKind.USER, metric=Metric.COST).id == mine.id


@pytest.mark.django_db
def test_what_ends_late_in_an_hour_that_is_told_makes_its_anomaly_larger(
    place: PlaygroundSession, ten_fifty: datetime
) -> None:
    ten = NOON - 2 * HOUR
    spend(place, ten, 60)
    UsageRollup.objects.update(done_until=ten)
    look(NOON - HOUR)
    (before,) = Anomaly.objects.filter(subject_kind=SubjectKind.USER, metric=Metric.COST)
    end_late(place, ten_fifty, 100, status=Status.COMPLETED)
    look(NOON)
    (mine,) = Anomaly.objects.filter(subject_kind=SubjectKind.USER, metric=Metric.COST)
    assert (mine.id, mine.first_hour) == (before.id, ten)
    assert mine.evidence["value"] > before.evidence["value"] + 99


@pytest.mark.django_db
def test_an_hour_in_which_nothing_has_ended_late_is_not_rolled_up_again(
    place: PlaygroundSession, ten_fifty: datetime
) -> None:
    UsageHour.objects.filter(hour=NOON - 2 * HOUR).update(calls=99)
    look(NOON)
    assert UsageHour.objects.get(hour=NOON - 2 * HOUR).calls == 99


@pytest.mark.django_db
def test_a_new_model_is_told_once_of_who_has_a_past(place: PlaygroundSession) -> None:
    newcomer = PlaygroundSession.objects.default_of(new_user())
    for who in (place, newcomer):
        spend(who, NOON, 0.01, model_id="openai/b")
    look(NOON)
    UsageRollup.objects.update(done_until=NOON)
    look(NOON)
    told = Anomaly.objects.filter(metric=Metric.NEW_MODEL).values_list("subject_kind", "subject_id", "detail")
    assert sorted(told) == [("organisation", "acme", "openai/b"), ("user", str(place.user_id), "openai/b")]


@pytest.mark.django_db
def test_a_person_sees_their_own_and_an_administrator_dismisses(place: PlaygroundSession) -> None:
    spend(place, NOON, 60)
    look(NOON)
    stranger, admin = new_user(), new_user(roles=[Role.ADMIN])
    assert not visible_to(stranger).exists()
    (mine,) = visible_to(place.user)
    with pytest.raises(Problem, match="administrators"):
        dismiss(anomaly_id=mine.id, by=place.user, reason="x", at=NOON)
    done = dismiss(anomaly_id=mine.id, by=admin, reason="A load test", at=NOON)
    assert (done.dismissal, done.closed_at) == ("A load test", NOON)
    with pytest.raises(Problem, match="before"):
        dismiss(anomaly_id=mine.id, by=admin, reason="x", at=NOON)


@pytest.mark.django_db
def test_an_erased_person_is_in_no_evidence(place: PlaygroundSession) -> None:
    spend(place, NOON, 60)
    look(NOON)
    assert _anomalies(place.user_id) > 0
    assert not UsageHour.objects.exists()
    assert all(not each.evidence["contributors"] for each in Anomaly.objects.all())
