"""T39: a legal hold that comes while rows are being removed stops it before the next batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction
from django.utils import timezone

from accounts.models import User
from evaluation_app.models import EvaluationTest
from history import tasks
from playground.models import PromptExecution
from privacy import holds
from privacy.erasure import erasing, lifecycle
from privacy.models import Covers, Erasure, LegalHold, OwnData
from privacy.own_data import making
from privacy.retention import running
from sessions_app.models import PlaygroundSession
from tests.privacy.rows import a_person, a_session, a_test, days_ago, executions, rule

pytestmark = pytest.mark.django_db(transaction=True)

Elsewhere = Callable[..., Any]


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    """Calls something by a second connection, and gives what it gives."""
    with ThreadPoolExecutor(1) as thread:

        def call(what: Callable[..., Any], **given: Any) -> Any:
            return thread.submit(what, **given).result(timeout=30)

        yield call
        thread.submit(connections.close_all).result()


def a_hold(elsewhere: Elsewhere, covers: Covers, object_id: object) -> LegalHold:
    """Placed by a second connection."""
    placed: LegalHold = elsewhere(holds.place, by=None, covers=covers, object_id=str(object_id), reason="Case 7")
    return placed


def approved(user: User, *, with_export: bool = False) -> Erasure:
    erasure = lifecycle.request(subject=user, by=None, with_export=with_export)
    return lifecycle.approve(erasure_id=erasure.id, by=None, now=timezone.now())


def seen(erasure: Erasure) -> Erasure:
    erasure.refresh_from_db()
    return erasure


ON: dict[Covers, Callable[[PlaygroundSession], object]] = {
    Covers.USER: lambda session: session.user_id,
    Covers.ORGANISATION: lambda session: "One",
    Covers.SESSION: lambda session: session.id,
    Covers.PROJECT: lambda session: "apollo",
}


@pytest.mark.parametrize("covers", ON)
def test_t39_a_hold_stops_an_erasure_between_two_turns_until_it_is_lifted(
    covers: Covers, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("playground.keeping.erasure.SOME", 3)
    session = a_session(a_person("One"), project_id="apollo")
    executions(session, days=1, count=7)
    erasure = approved(session.user)

    def some_have_gone() -> bool:
        if PromptExecution.objects.count() != 4 or placed:
            return False
        placed.append(a_hold(elsewhere, covers, ON[covers](session)))
        return False

    placed: list[LegalHold] = []
    assert not erasing.go_on(erasure.id, is_over=some_have_gone)
    assert PromptExecution.objects.count() == 4
    assert (seen(erasure).status, erasure.counts["executions"]) == ("held", 3)
    assert "goes on when the hold is lifted" in erasure.reason
    assert not erasing.go_on(erasure.id)
    with pytest.raises(CommandError, match="legal hold"):
        call_command("erase_user", str(session.user_id), "--no-export", stdout=StringIO())
    assert PromptExecution.objects.count() == 4
    assert list(lifecycle.waiting(now=timezone.now())) == [erasure]
    elsewhere(holds.lift, by=None, hold_id=placed[0].id)
    assert erasing.go_on(erasure.id)
    assert (seen(erasure).status, erasure.counts["executions"], erasure.reason) == ("done", 7, "")


def test_t39_the_export_of_somebody_half_erased_outlives_its_term_under_a_hold(elsewhere: Elsewhere) -> None:
    user = a_person("One")
    executions(a_session(user), days=1)
    erasure = approved(user, with_export=True)
    placed: list[LegalHold] = []

    def hold_once() -> bool:
        placed or placed.append(a_hold(elsewhere, Covers.USER, user.id))  # type: ignore[func-returns-value]
        return False

    assert not erasing.go_on(erasure.id, is_over=hold_once)
    later = timezone.now() + timedelta(days=30)
    making.sweep(now=later)
    assert OwnData.objects.get(user=user).storage_name
    elsewhere(holds.lift, by=None, hold_id=placed[0].id)
    assert making.sweep(now=later) == 1
    assert erasing.go_on(erasure.id)


def test_t39_a_hold_waits_for_the_batch_that_is_being_removed(elsewhere: Elsewhere) -> None:
    session = a_session(a_person("One"))
    executions(session, days=1)
    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            assert holds.free(PromptExecution.objects.all()).exists()
            placing = thread.submit(holds.place, by=None, covers=Covers.USER, object_id=str(session.user_id), reason="")
            with pytest.raises(TimeoutError):
                placing.result(timeout=0.3)
            PromptExecution.objects.all().delete()
        assert placing.result(timeout=30).lifted_at is None
        thread.submit(connections.close_all).result()


def test_t39_a_hold_stops_retention_between_two_batches(elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH", 3)
    session = a_session(a_person("One"))
    executions(session, days=40, count=7)
    rule("One", "executions", 30)
    run = running.begin(is_dry=False)
    turns = iter([False, True])
    assert not running.work(run, is_over=lambda: next(turns))
    a_hold(elsewhere, Covers.SESSION, session.id)
    assert running.work(run)
    assert PromptExecution.objects.count() == 4
    figure = run.figures.get()
    assert (figure.rows, figure.held) == (3, 4)


def test_t39_a_hold_stops_retention_within_a_test_of_many_answers(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BATCH", 3)
    test = a_test(a_person("One"), days=40)
    executions(test.session, days=40, count=5, origin="evaluation")
    rule("One", "results", 30)
    some = running._drained_some
    calls: list[object] = []

    def held_after_one(*given: Any) -> int:
        if len(calls) == 1:
            a_hold(elsewhere, Covers.TEST, test.id)
        calls.append(given)
        return some(*given)

    monkeypatch.setattr(running, "_drained_some", held_after_one)
    run = running.begin(is_dry=False)
    assert running.work(run)
    assert len(calls) >= 2
    assert PromptExecution.objects.count() == 4
    assert EvaluationTest.objects.filter(id=test.id).exists()
    assert [(figure.rows, figure.held) for figure in run.figures.all()] == [(0, 1)]


def test_t39_a_hold_stops_the_sweep_of_a_deleted_session(elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "REMOVED_AT_ONCE", 3)
    session = a_session(a_person("One"), deleted_at=days_ago(31))
    executions(session, days=40, count=7)
    some = tasks._removed_some
    calls: list[UUID] = []

    def held_after_one(session_id: UUID) -> bool:
        if calls:
            a_hold(elsewhere, Covers.SESSION, session.id)
        calls.append(session_id)
        return some(session_id)

    monkeypatch.setattr(tasks, "_removed_some", held_after_one)
    tasks.remove_deleted()
    assert (len(calls), PromptExecution.objects.count()) == (2, 4)
    assert PlaygroundSession.objects.filter(id=session.id).exists()
