"""T39: what has been kept long enough goes, in batches, with what hangs on it; what must survive does."""

from __future__ import annotations

from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from evaluation_app.models import Baseline, EvaluationTest, EvaluationVariant, ReviewQueue
from playground.models import Comparison, ExecutionComment, PromptExecution
from privacy.models import RetentionRun
from privacy.retention import running
from sessions_app.models import PlaygroundSession
from templates_app.models import PromptTemplate, TemplateVersion
from tests.privacy.rows import a_person, a_session, a_test, executions, figures, ran, rule

pytestmark = pytest.mark.django_db


def left() -> set[Any]:
    return set(PromptExecution.objects.values_list("id", flat=True))


def test_t39_each_organisation_keeps_as_long_as_its_rule_says() -> None:
    short, long, none = (a_session(a_person(name)) for name in ("Short", "Long", ""))
    for session in (short, long, none):
        executions(session, days=40)
        executions(session, days=5)
    rule("Short", "executions", 3)
    rule("Long", "executions", 30)
    run = ran()
    assert figures(run) == {("executions", "Short"): 2, ("executions", "Long"): 1}
    assert PromptExecution.objects.filter(session=none).count() == 2
    assert run.ended_at is not None
    assert figures(ran()) == {}


def test_t39_a_rule_of_those_who_have_no_organisation_holds_for_them_alone() -> None:
    executions(a_session(a_person("One")), days=40)
    executions(a_session(a_person("")), days=40)
    rule("", "executions", 30)
    assert figures(ran()) == {("executions", ""): 1}


def test_t39_the_settings_hold_where_no_rule_does(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    given = settings.ENV.model_copy(update={"retention_executions_days": 30})
    monkeypatch.setattr(settings, "ENV", given)
    for_ever, month = a_session(a_person("Archive")), a_session(a_person("Other"))
    executions(for_ever, days=40)
    executions(month, days=40)
    rule("Archive", "executions", 0)
    assert figures(ran()) == {("executions", "Other"): 1}


def test_t39_totals_of_sessions_and_versions_stay_as_they_are() -> None:
    user = a_person("One")
    template = PromptTemplate.objects.create(name="T", owner=user)
    version = TemplateVersion(template=template, number=1, content_hash="", completed_count=1, total_cost=Decimal(2))
    version.sealed = {}
    version.save()
    session = a_session(user, execution_count=1, total_cost=Decimal(2))
    executions(session, days=40, template_version=version, estimated_cost=Decimal(2))
    rule("One", "executions", 30)
    ran()
    session.refresh_from_db()
    version.refresh_from_db()
    assert left() == set()
    assert (session.execution_count, session.total_cost) == (1, Decimal(2))
    assert (version.completed_count, version.total_cost) == (1, Decimal(2))


def test_t39_what_hangs_on_an_execution_goes_with_it() -> None:
    user = a_person("One")
    session = a_session(user)
    whole, half = (Comparison.objects.create(session=session, user=user) for _ in range(2))
    old = [*executions(session, days=40, comparison=whole), *executions(session, days=40, comparison=half)]
    (young,) = executions(session, days=1, comparison=half, parent=old[0])
    ExecutionComment.objects.create(execution=old[0], author=user, sealed="c")
    rule("One", "executions", 30)
    ran()
    assert left() == {young.id}
    assert list(Comparison.objects.values_list("id", flat=True)) == [half.id]
    assert not ExecutionComment.objects.exists()


def test_t39_what_still_runs_and_what_belongs_to_a_test_is_left() -> None:
    user = a_person("One")
    executions(a_session(user), days=40, status="running")
    a_test(user, days=40)
    rule("One", "executions", 30)
    assert figures(ran()) == {}
    assert len(left()) == 3


def test_t39_a_test_goes_with_its_session_and_answers() -> None:
    user = a_person("One")
    old, young = a_test(user, days=40), a_test(user, days=1)
    rule("One", "results", 30)
    assert figures(ran()) == {("results", "One"): 1}
    assert list(EvaluationTest.objects.values_list("id", flat=True)) == [young.id]
    assert not PlaygroundSession.objects.filter(id=old.session_id).exists()
    assert PromptExecution.objects.count() == 2


def test_t39_baselines_and_tests_under_review_survive_and_are_told() -> None:
    user = a_person("One")
    base, reviewed, plain = (a_test(user, days=40) for _ in range(3))
    variant = EvaluationVariant.objects.create(test=base, position=0, name="v", model_id="m", body={})
    template = PromptTemplate.objects.create(name="T", owner=user)
    Baseline.objects.create(template=template, test=base, variant=variant)
    queue = ReviewQueue.objects.create(
        owner=user,
        test=reviewed,
        name="R",
        kind="single",
        selection="random",
        is_random=True,
        seed=1,
        scale="pass_fail",
    )
    rule("One", "results", 30)
    run = ran()
    assert set(EvaluationTest.objects.values_list("id", flat=True)) == {base.id, reviewed.id}
    assert run.figures.get(kind="results").needed == 2
    Baseline.objects.update(ended_at=plain.created_at)
    ReviewQueue.objects.filter(id=queue.id).update(created_at=plain.created_at)
    rule("One", "reviews", 30)
    assert figures(ran()) == {("reviews", "One"): 1, ("results", "One"): 2}


def test_t39_a_dry_run_counts_what_a_run_then_removes() -> None:
    session = a_session(a_person("One"))
    executions(session, days=40, count=7)
    rule("One", "executions", 30)
    dry = ran(is_dry=True)
    assert len(left()) == 7
    real = ran()
    of = ("rows", "size", "first_at", "last_at")
    assert list(dry.figures.values(*of)) == list(real.figures.values(*of))
    assert real.figures.get().size > 0


def test_t39_a_run_that_is_interrupted_goes_on_and_counts_each_row_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH", 3)
    executions(a_session(a_person("One")), days=40, count=10)
    rule("One", "executions", 30)
    run = running.begin(is_dry=False)
    turns = iter([False, False, True])
    assert not running.work(run, is_over=lambda: next(turns))
    assert len(left()) == 4
    assert running.work(run)
    assert figures(run) == {("executions", "One"): 10}


def test_the_command_says_what_goes_and_refuses_a_kind_that_is_none() -> None:
    executions(a_session(a_person("One")), days=40, count=2)
    rule("One", "executions", 30)
    said = StringIO()
    call_command("retention", "--dry-run", "--organisation", "One", stdout=said)
    assert "executions of One: 2" in said.getvalue()
    assert "2 would go" in said.getvalue()
    assert len(left()) == 2
    call_command("retention", "--kind", "results", stdout=said)
    assert len(left()) == 2
    with pytest.raises(CommandError, match="'bread' is none of"):
        call_command("retention", "--kind", "bread")
    call_command("retention", stdout=said)
    assert left() == set()


def test_one_night_has_one_run() -> None:
    from datetime import UTC, datetime, timedelta

    night = datetime(2026, 5, 1, 3, tzinfo=UTC)
    assert not running.is_due(now=night.replace(hour=1))
    assert running.is_due(now=night)
    RetentionRun.objects.create(is_dry=False, started_at=night)
    assert not running.is_due(now=night + timedelta(hours=5))
    assert running.is_due(now=night + timedelta(days=1))
