"""Alerts: what rules see in samples, how an alert goes on, and who is told of it, once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections

from accounts.models import Role, User
from events.models import Kind, Notification
from events.notifications.words import words_of
from foundation.problems import Problem
from monitoring.alerts import rules
from monitoring.alerts.judging import judge_all
from monitoring.alerts.measures import MEASURES, minute_of
from monitoring.keeping.retention import forget_old_firings
from monitoring.models import Alert, AlertRule, Firing, Sample
from tests.cast import new_user
from tests.monitoring.rows import a_rule, an_error, no_rules
from tests.monitoring.samples import a_sample, after


@pytest.fixture
def admin(db: None) -> User:
    """Who is told; rules that the service comes with are out of the way."""
    no_rules()
    return new_user(roles=[Role.ADMIN])


def minute(minutes: int, **figures: Any) -> None:
    """A sample, and its alerts judged."""
    a_sample(minutes, **figures)
    judge_all(now=after(minutes))


def told(user: User) -> list[str]:
    """Sentences of alerts, the oldest first."""
    rows = Notification.objects.filter(user_id=user.id, kind=Kind.ALERT).order_by("created_at")
    return [words_of(each).sentence for each in rows]


def state(rule: AlertRule, subject: str = "") -> str:
    """Of its alert."""
    return Alert.objects.get(rule=rule, subject=subject).state


def test_it_waits_fires_is_told_once_and_is_over_once(admin: User) -> None:
    stranger = new_user()
    rule = a_rule("Queue", minutes=2)
    seen = []
    for at, oldest in enumerate((10, 61, 70, 90, 80, 60, 60)):
        minute(at, queue_oldest=oldest)
        seen.append(state(rule))
    assert seen == ["ok", "pending", "pending", "firing", "firing", "ok", "ok"]
    assert told(admin) == ["Warning: Queue. It is 90 s, above 60 s", "Resolved: Queue"]
    assert told(stranger) == []
    (firing,) = Firing.objects.all()
    assert (firing.began_at, firing.ended_at, firing.worst) == (after(3), after(5), 90)
    assert (firing.told_at, firing.threshold, firing.name) == (after(3), 60, "Queue")


def test_what_is_over_too_short_is_told_to_nobody(admin: User) -> None:
    rule = a_rule("Queue", minutes=2)
    for at, oldest in enumerate((61, 61, 10, 61, 61)):
        minute(at, queue_oldest=oldest)
    assert (state(rule), told(admin), Firing.objects.count()) == ("pending", [], 0)


def test_a_minute_that_is_judged_again_moves_nothing(admin: User) -> None:
    a_rule("Queue")
    minute(0, queue_oldest=99)
    for _ in range(3):
        assert judge_all(now=after(0)) == 0
    assert (len(told(admin)), Firing.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_two_processes_that_judge_the_same_minute_tell_once() -> None:
    no_rules()
    admin = new_user(roles=[Role.ADMIN])
    for number in range(3):
        a_rule(f"Queue {number}")

    def come(at: datetime) -> int:
        try:
            return judge_all(now=at)
        finally:
            connections.close_all()

    for at, oldest in ((0, 99), (1, 5)):
        a_sample(at, queue_oldest=oldest)
        with ThreadPoolExecutor(6) as pool:
            assert sum(pool.map(come, [after(at)] * 6)) == 3
    assert (len(told(admin)), Firing.objects.count()) == (6, 3)
    assert not Firing.objects.filter(ended_at=None).exists()


def test_a_figure_that_is_missing_becomes_unknown_and_resolves_nothing(admin: User) -> None:
    rule = a_rule("Queue")
    minute(0, queue_oldest=99)
    seen = []
    for at in range(1, 6):
        minute(at, requests=1)
        seen.append(state(rule))
    assert seen == ["firing", "firing", "firing", "unknown", "unknown"]
    minute(6, queue_oldest=99)
    assert (state(rule), len(told(admin))) == ("firing", 1)
    minute(7, queue_oldest=1)
    assert (state(rule), len(told(admin))) == ("ok", 2)
    assert Firing.objects.get().began_at == after(0)


def test_without_any_sample_nothing_is_known(admin: User) -> None:
    rule = a_rule("Queue")
    minute(0, queue_oldest=1)
    for at in range(10, 15):
        judge_all(now=after(at))
    assert state(rule) == "unknown"


def test_who_is_muted_tells_nobody_until_it_is_heard_again(admin: User) -> None:
    rule = a_rule("Queue")
    minute(0, queue_oldest=1)
    alert = Alert.objects.get(rule=rule)
    rules.mute(alert_id=alert.id, by=admin, lasting=timedelta(minutes=5), at=after(0))
    minute(1, queue_oldest=99)
    minute(2, queue_oldest=1)
    minute(3, queue_oldest=99)
    assert (state(rule), told(admin)) == ("firing", [])
    minute(6, queue_oldest=952.665)
    assert told(admin) == ["Warning: Queue. It is 953 s, above 60 s"]
    rules.mute(alert_id=alert.id, by=admin, lasting=timedelta(minutes=5), at=after(6))
    minute(7, queue_oldest=1)
    assert len(told(admin)) == 1
    rules.mute(alert_id=alert.id, by=admin, lasting=timedelta(hours=1), at=after(8))
    rules.unmute(alert_id=alert.id, by=admin)
    minute(9, queue_oldest=99)
    assert len(told(admin)) == 2


def test_each_provider_has_an_alert_of_its_own(admin: User) -> None:
    each = a_rule("Breakers", figure="breaker_open", threshold=0, severity="critical")
    one = a_rule("Only b", figure="breaker_open", threshold=0, provider="b")
    minute(0, breaker_open={"a": 1, "b": 0, "c": 1})
    assert {alert.subject for alert in each.alerts.all()} == {"a", "c"}
    assert not one.alerts.exists()
    assert sorted(told(admin)) == [f"Critical: Breakers ({name}). It is 1, above 0" for name in "ac"]
    minute(1, breaker_open={"a": 0, "b": 1})
    assert (state(each, "a"), state(each, "b"), state(each, "c")) == ("ok", "firing", "ok")
    assert state(one, "b") == "firing"
    minute(2, breaker_open={"a": 0, "b": 1})
    assert len(told(admin)) == 2 + 2 + 2


def test_a_new_error_is_told_once_and_one_that_is_back_by_its_own_kind(admin: User) -> None:
    rule = a_rule("New error", figure="new_errors", threshold=0)
    group = an_error("new", first_seen=after(0), last_seen=after(0))
    back = an_error("back", first_seen=after(-9999), last_seen=after(0), returned_at=after(0), regressions=1)
    an_error("old", first_seen=after(-9999), last_seen=after(0))
    for at in (0, 1):
        minute(at, requests=1)
    assert {each.subject for each in rule.alerts.all()} == {str(group.id), str(back.id)}
    assert told(admin) == [f"Warning: New error ({group.id}). It is 3, above 0"]
    group.muted_at = after(1)
    group.save()
    minute(2, requests=1)
    assert state(rule, str(group.id)) == "ok"


def test_a_rule_that_is_off_or_about_something_else_ends_what_was_firing_without_a_word(admin: User) -> None:
    rule = a_rule("Queue")
    minute(0, queue_oldest=99)
    rules.change(rule_id=rule.id, by=admin, given={"threshold": 50.0}, at=after(0))
    assert state(rule) == "firing"
    rules.change(rule_id=rule.id, by=admin, given={"is_enabled": False}, at=after(0))
    assert (state(rule), Firing.objects.get().ended_at) == ("ok", after(0))
    minute(1, queue_oldest=99)
    assert len(told(admin)) == 1
    rules.change(rule_id=rule.id, by=admin, given={"is_enabled": True}, at=after(1))
    minute(2, queue_oldest=99)
    rules.remove(rule_id=rule.id, by=admin, at=after(2))
    assert not Alert.objects.exists()
    assert Firing.objects.filter(alert=None).exclude(ended_at=None).count() == 2
    assert forget_old_firings(now=after(2) + timedelta(days=90)) == 1


def measured(name: str, at: int) -> Any:
    """A measure's values of that minute."""
    now = minute_of(after(at))
    assert now is not None
    return MEASURES[name].of(now)


def test_objectives_burn_in_both_windows_or_not_at_all(admin: User) -> None:
    for at in range(61):
        a_sample(at, requests=at * 100, requests_failed=at * 2, requests_timed=at * 100, requests_quick=at * 80)
    assert measured("failed_burn", 60) == {"": pytest.approx(20)}
    assert measured("slow_burn", 60) == {"": pytest.approx(20)}
    for at in range(61, 67):
        a_sample(at, requests=6100, requests_failed=122, requests_timed=6100, requests_quick=4900)
    assert measured("failed_burn", 66) == {"": 0}
    Sample.objects.all().delete()
    a_sample(0, requests=0, requests_failed=0)
    assert measured("failed_burn", 0) is None
    a_sample(1, requests=2, requests_failed=2)
    assert measured("failed_burn", 1) == {"": 0}, "two requests of a quiet night"


def test_of_workers_that_are_still_to_come_at_the_beginning_nobody_is_told(admin: User) -> None:
    rule = a_rule("No worker", figure="workers_alive", comparison="below", threshold=1, minutes=1)
    for at, alive in enumerate((0, 0, 1, 1)):
        minute(at, workers_alive=alive)
    assert told(admin) == []
    for at in (4, 5):
        minute(at, workers_alive=0)
    assert state(rule) == "firing", "they lived, and died"


def test_workers_that_never_come_are_told_of(admin: User) -> None:
    rule = a_rule("No worker", figure="workers_alive", comparison="below", threshold=1, minutes=1)
    for at in range(6):
        minute(at, workers_alive=0)
    assert state(rule) == "firing"


def test_every_figure_can_be_measured_of_a_whole_sample(admin: User) -> None:
    for at, many in ((0, 0), (1, 40)):
        a_sample(
            at, workers_alive=1, webs_alive=2, queue_oldest=3, queue_waiting=4, outbox_oldest={"webhooks": 5},
            outbox_parked=6, breaker_open={"a": 1}, models_resting={"a": 2}, calls_waiting={"a": 7},
            provider_failures={"a": many}, executions_failed={"a": many}, first_token=[0] * 8 + [many],
            requests=many, requests_failed=many, requests_timed=many, requests_quick=0, disk_free=5, disk_size=50,
            pool_waiting=8, loop_lag=[many] * 6, samples_oldest=9, scrape_errors=many,
        )  # fmt: skip
    values = {name: measured(name, 1) for name in MEASURES}
    assert values == {
        "workers_alive": {"": 1}, "webs_alive": {"": 2}, "queue_oldest": {"": 3}, "queue_waiting": {"": 4},
        "outbox_oldest": {"webhooks": 5}, "outbox_parked": {"": 6}, "breaker_open": {"a": 1},
        "models_resting": {"a": 2}, "calls_waiting": {"a": 7}, "provider_failures": {"a": 40},
        "executions_failed": {"a": 40}, "first_token_p95": {"": float("inf")}, "failed_burn": {"": 1000},
        "slow_burn": {"": 100}, "disk_free": {"": 10}, "pool_waiting": {"": 8}, "loop_lag_p99": {"": 0.005},
        "samples_oldest": {"": 9}, "untold_parts": {"": 40}, "new_errors": {},
    }  # fmt: skip
    Sample.objects.all().delete()
    a_sample(1)
    assert {name for name in MEASURES if measured(name, 1) is None} == set(MEASURES) - {
        "new_errors", "first_token_p95", "loop_lag_p99"
    }  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_a_rule_that_is_deleted_while_it_is_changed_is_not_there_any_more() -> None:
    no_rules()
    user = new_user(roles=[Role.ADMIN])

    def act(number: int, rule_id: int) -> str:
        try:
            if number % 2:
                rules.change(rule_id=rule_id, by=user, given={"minutes": number}, at=after(1))
            else:
                rules.remove(rule_id=rule_id, by=user, at=after(1))
        except Problem as problem:
            return problem.code
        else:
            return "done"
        finally:
            connections.close_all()

    for attempt in range(8):
        rule = a_rule(f"Queue {attempt}")
        with ThreadPoolExecutor(6) as pool:
            outcomes = list(pool.map(act, range(6), [rule.id] * 6))
        assert set(outcomes) <= {"done", "not_found"}
        assert outcomes.count("done") >= 1
        assert not AlertRule.objects.filter(id=rule.id).exists()
