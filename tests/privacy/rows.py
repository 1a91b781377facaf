"""People of an organisation, and old rows of theirs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from evaluation_app.models import EvaluationTest
from playground.models import PromptExecution
from privacy.models import RetentionRun
from privacy.retention import running
from sessions_app.models import PlaygroundSession
from tests.cast import new_user


def days_ago(days: int) -> datetime:
    """A moment in the past."""
    return timezone.now() - timedelta(days=days)


def a_person(organisation: str = "", **fields: Any) -> User:
    """Somebody of an organisation."""
    return new_user(organisation=organisation, **fields)


def a_session(user: User, **fields: Any) -> PlaygroundSession:
    """A session of somebody's."""
    return PlaygroundSession.objects.create(user=user, **{"name": "Letters", **fields})


def executions(session: PlaygroundSession, *, days: int, count: int = 1, **fields: Any) -> list[PromptExecution]:
    """Ended executions of so many days ago."""
    given: dict[str, Any] = {"model_id": "openai/echo", "status": "completed", "created_at": days_ago(days), **fields}
    rows = [
        PromptExecution(session=session, user_id=session.user_id, **{"request": {"prompt": "p"}, **given})
        for _ in range(count)
    ]
    return PromptExecution.objects.bulk_create(rows)


def a_test(user: User, *, days: int, **fields: Any) -> EvaluationTest:
    """An ended test with two answers in its hidden session."""
    session = a_session(user, name="Test", is_hidden=True)
    given = {"name": "T", "seed": 1, "runs": 1, "blocks": 1, "samples": 2, "status": "completed", **fields}
    row = EvaluationTest.objects.create(user=user, session=session, created_at=days_ago(days), **given)
    executions(session, days=days, count=2, origin="evaluation")
    return row


def rule(organisation: str, kind: str, days: int) -> None:
    """What an organisation has set."""
    from privacy.retention.rules import set_days

    set_days(by=None, organisation=organisation, days={kind: days})


def ran(**asked: Any) -> RetentionRun:
    """A run of retention, done."""
    run = running.begin(**{"is_dry": False, **asked})
    assert running.work(run)
    run.refresh_from_db()
    return run


def figures(run: RetentionRun) -> dict[tuple[str, str], int]:
    """Rows by kind and organisation."""
    found = run.figures.values_list("kind", "organisation", "rows")
    return {(kind, organisation): rows for kind, organisation, rows in found}
