"""Rows with somebody's words that doors write only after long work: tests that have run, suites, proposals, remarks."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.models import IdempotentCall, Organisation, Team, User
from analytics.models import Anomaly
from evaluation_app.models import (
    CallScore,
    CaseProposal,
    Dataset,
    DatasetCase,
    EvaluationCase,
    EvaluationSample,
    EvaluationTest,
    EvaluationVariant,
    GateChange,
    GateOverride,
    ProposalAsk,
    Recommendation,
    RecommendationRound,
    SampleScore,
    ScoringRule,
    Suite,
    SuiteRun,
)
from events.models import Kind
from events.notifications.writing import notify
from history.models import ExportArtifact
from playground.models import ExecutionComment, ExecutionRating, PlaygroundDefaults, PromptExecution
from privacy import holds
from privacy.models import Covers, Erasure, MaskingRules
from sessions_app.models import PlaygroundSession
from templates_app.models import PromptTemplate, TemplateVersion
from tests.privacy.rows import a_session, a_test, executions


def written_by(user: User, word: str, *, others: User) -> None:
    """In their own places, and their remarks in places of others."""
    test = a_test(user, days=0, name=word, tags=[word], results={"variants": [{"name": word}]})
    _results(test, word)
    _recommendations(test, user, word)
    _datasets(user, word)
    _remarks(user, word, others)
    session = PlaygroundSession.objects.filter(user=user, is_hidden=False)[0]
    ExportArtifact.objects.create(
        user=user, session=session, format="json", expires_at=timezone.now(), filters={"search": word}
    )
    PromptTemplate.objects.create(owner=user, name=f"{word} too", example={"word": word})
    (failed,) = executions(
        a_session(user), days=0, status="failed", error_message=word, parameters={"stop_sequences": [word]}
    )
    PlaygroundDefaults.objects.create(user=user, parameters={"stop_sequences": [word]})
    ExecutionComment.objects.create(execution=failed, author=user, sealed=word, imported_author={"name": word})
    ExecutionRating.objects.create(execution=failed, user=user, value=3, sealed=word, imported_author={"name": word})
    call = IdempotentCall(user=user, route="POST /x", key=word, body_hash=b"1", headers={"Location": word})
    call.sealed = {"name": word}
    call.save()


def _results(test: EvaluationTest, word: str) -> None:
    variant = EvaluationVariant.objects.create(test=test, position=0, name=word, model_id="m", body={"prompt": word})
    case = EvaluationCase.objects.create(
        test=test, position=0, block=0, key="k", open_samples=0, name=word, cluster=word, tags=[word],
        input={"a": word}, expected={"value": word}, scorers=[{"type": "contains", "keywords": [word]}],
    )  # fmt: skip
    sample = EvaluationSample.objects.create(
        test=test, variant=variant, case=case, run=1, block=0, state="failed", error_message=word
    )
    SampleScore.objects.create(sample=sample, position=0, scorer="judge", scorer_hash="h", reason=word)


def _recommendations(test: EvaluationTest, user: User, word: str) -> None:
    variant = EvaluationVariant.objects.get(test=test)
    ended = {"test": test, "variant": variant, "state": "done", "error": word, "notes": [word]}
    asked = RecommendationRound.objects.create(user=user, **ended)
    given = {"title": word, "reason": word, "change": {"prompt": word}}
    Recommendation.objects.create(round=asked, test=test, variant=variant, position=0, kind="edit", **given)


def _datasets(user: User, word: str) -> None:
    dataset = Dataset.objects.create(owner=user, name=f"{word} too")
    DatasetCase.objects.create(
        dataset=dataset, key="k", since=1, rank=1, name=word, cluster=word, tags=[word], content_hash="h",
        input={"a": word}, expected={"value": word}, scorers=[{"type": "contains", "keywords": [word]}],
    )  # fmt: skip
    asked = {"session": a_session(user, is_hidden=True), "model_id": "m", "kinds": ["edge"], "count": 1}
    ask = ProposalAsk.objects.create(dataset=dataset, user=user, status="failed", error=word, **asked)
    CaseProposal.objects.create(ask=ask, position=0, body={"input": {"a": word}}, reason=word)


def _remarks(user: User, word: str, others: User) -> None:
    template = PromptTemplate.objects.create(name="Theirs", owner=others)
    version = TemplateVersion(template=template, number=1, content_hash="")
    version.sealed = {"prompt": "p"}
    version.save()
    move = template.label_moves.create(name="production", version=version, moved_by=user)
    move.note = word
    move.save()
    asked: dict[str, Any] = {"name": "production", "act": "move", "version": version, "asked_by": others}
    template.label_requests.create(status="refused", decided_by=user, decision=word, **asked)
    second = TemplateVersion(template=template, number=2, content_hash="")
    second.sealed = {"prompt": "q"}
    second.save()
    template.splits.create(
        label="production", control=version, candidate=second, share=10, measure="scores", started_by=user,
        scorers=[{"scorer": "contains", "params": {"keywords": [word]}}],
    )  # fmt: skip
    GateChange.objects.create(template=template, label="production", suite_name=word, change="set", changed_by=user)
    suite = Suite.objects.create(user=user, name=f"{word} too", tests=[{"name": word}], content_hash="h")
    rule = ScoringRule.objects.create(
        user=user, name=word, service=word, model_id=word, project_id=word, share=1, budget_per_day=1,
        scorers=[{"params": {"rubric": word}}],
    )  # fmt: skip
    (call,) = executions(a_session(user), days=0)
    found = CallScore.objects.create(rule=rule, execution=call)
    found.scores = [{"reason": word}]
    found.save()
    verdict = {"lines": [{"test": word, "variant": word}]}
    run = SuiteRun.objects.create(suite=suite, trial_hash="h", why="hand", status="failed", verdict=verdict)
    moved = {"template": template, "label": "production", "version": version, "suite_name": word, "verdict": verdict}
    GateOverride.objects.create(**moved, run=run, signed_by=user, reason=word)
    GateOverride.objects.create(**moved, run=run, signed_by=others, reason="It is known.")
    now = timezone.now()
    Anomaly.objects.create(
        subject_kind="organisation", subject_id="One", metric="cost", first_hour=now, last_hour=now, closed_at=now,
        dismissed_at=now, dismissed_by=user, dismissal=word,
    )  # fmt: skip
    shared = {"thing": "template", "id": str(template.id)}
    notify(Kind.SHARED, people=[others.id], by=user.id, owner_id=user.id, payload=shared, words={"name": word})
    Erasure.objects.create(subject=user.id, status="refused", reason=f"{word} has a contract", decided_by=others)


def said_by_others(others: User, word: str) -> set[str]:
    """What names the person and is not theirs; the tables in which it stands."""
    name = f"Of {word}"
    holds.place(by=others, covers=Covers.PROJECT, object_id="another", reason=name)
    MaskingRules.objects.create(project_id=name, names=[name], patterns=[{"name": "P", "pattern": word}])
    Organisation.objects.create(key=name, name=name)
    Team.objects.create(name=name, organisation=name)
    # Of yesterday: what a young run used is kept by the service in its own time, with the project.
    (row,) = executions(a_session(others, project_id=name), days=1)
    ExecutionComment.objects.create(execution=row, author=others, sealed=name)
    ExecutionRating.objects.create(execution=row, value=3, imported_author={"name": name})
    assert PromptExecution.objects.filter(id=row.id).exists()
    return {
        "legal_holds", "masking_rules", "organisations", "teams", "playground_sessions", "execution_comments",
        "execution_ratings",
    }  # fmt: skip
