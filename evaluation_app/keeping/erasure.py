"""What becomes of a person's tests, datasets and reviews when they are erased."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from evaluation_app import lifecycle
from evaluation_app.models import (
    AdoptedAnswer,
    Baseline,
    CallScore,
    Control,
    Dataset,
    DatasetCase,
    EvaluationMember,
    EvaluationSample,
    EvaluationTest,
    EvaluationVariant,
    GateChange,
    GateOverride,
    ReviewLabel,
    ReviewQueue,
    ReviewRater,
    ScoringRule,
    Suite,
    SuiteTest,
    TestStatus,
)
from playground.keeping import large_answers
from playground.models import PromptExecution
from privacy.erasure.steps import NotYet, Stage, kept_for_others, register, removed, used_by_others
from sessions_app.models import PlaygroundSession
from templates_app.models import PromptTemplate

FINAL = [status for status in TestStatus if status.is_final]


def declare() -> None:
    """To be called when the app is ready."""
    register(Stage.STOP, "tests that run", _stop)
    register(Stage.TESTS, "reviews", _reviews)
    register(Stage.TESTS, "scoring rules", _scoring_rules)
    register(Stage.TESTS, "suites", _suites)
    register(Stage.TESTS, "tests", _tests)
    register(Stage.TESTS, "datasets", _datasets)
    register(Stage.TESTS, "what they said in reviews and of gates", _remarks)
    used_by_others(EvaluationTest, _tests_of_others)
    used_by_others(Suite, _gates_of_others)
    used_by_others(PromptTemplate, _measured_by_others)
    used_by_others(PlaygroundSession, lambda user_id: Q(id__in=_kept_sessions(user_id)))
    used_by_others(PromptExecution, lambda user_id: Q(session_id__in=_kept_sessions(user_id)))


def _stop(user_id: UUID) -> int:
    theirs = EvaluationTest.objects.filter(user_id=user_id).exclude(status__in=FINAL)
    asked = 0
    for test in theirs.exclude(control=Control.CANCEL)[:50]:
        lifecycle.cancel(test)
        asked += 1
    asked += Suite.objects.filter(user_id=user_id, next_at__isnull=False).update(schedule=None, next_at=None)
    if not asked and theirs.exists():
        raise NotYet("Tests of theirs are being cancelled.")
    return asked


def _tests_of_others(user_id: UUID) -> Q:
    """Tests that are shared, stand behind a template or a gate of others, or that somebody else has under review."""
    members = EvaluationMember.objects.filter(test__user_id=user_id).exclude(user_id=user_id)
    baselines = Baseline.objects.filter(ended_at=None, test__user_id=user_id).exclude(
        Q(template__owner_id=user_id) & ~Q(template_id__in=kept_for_others(PromptTemplate, user_id))
    )
    runs = SuiteTest.objects.filter(test__user_id=user_id).filter(
        ~Q(run__suite__user_id=user_id) | Q(run__suite_id__in=kept_for_others(Suite, user_id))
    )
    reviews = ReviewQueue.objects.filter(test__user_id=user_id).exclude(owner_id=user_id)
    found = Q(pk__in=())
    for rows in (members, baselines, runs, reviews):
        found |= Q(id__in=rows.order_by().values("test_id"))
    return found


def _gates_of_others(user_id: UUID) -> Q:
    """Gates of templates that are not theirs, or that stay."""
    elsewhere = Q(template__isnull=False) & ~Q(template__owner_id=user_id)
    return ~Q(gate_label="") & (elsewhere | Q(template_id__in=kept_for_others(PromptTemplate, user_id)))


def _measured_by_others(user_id: UUID) -> Q:
    variants = EvaluationVariant.objects.filter(template_version__template__owner_id=user_id)
    return Q(id__in=variants.exclude(test__user_id=user_id).order_by().values("template_version__template_id"))


def _kept_sessions(user_id: UUID) -> Any:
    kept = EvaluationTest.objects.filter(user_id=user_id, id__in=kept_for_others(EvaluationTest, user_id))
    return kept.order_by().values("session_id")


def _reviews(user_id: UUID) -> int:
    """Only they could read them."""
    queues = removed(ReviewQueue.objects.filter(owner_id=user_id), at_most=20)
    return queues + removed(AdoptedAnswer.objects.filter(owner_id=user_id))


def _scoring_rules(user_id: UUID) -> int:
    """Nobody else sees them; what they have found goes with them."""
    theirs = ScoringRule.objects.filter(user_id=user_id)
    return removed(CallScore.objects.filter(rule__in=theirs)) or removed(theirs, at_most=20)


def _suites(user_id: UUID) -> int:
    """What a run had said names tests and variants: it goes from others' moves before the run does."""
    going = Suite.objects.filter(user_id=user_id).exclude(pk__in=list(kept_for_others(Suite, user_id)))
    told = GateOverride.objects.filter(run__suite__in=going, verdict__isnull=False)
    told.update(verdict=None, suite_name="")
    return removed(going, at_most=20)


def _tests(user_id: UUID) -> int:
    """One after another, its answers first: a test may have very many."""
    theirs = EvaluationTest.objects.filter(user_id=user_id)
    test = theirs.exclude(pk__in=list(kept_for_others(EvaluationTest, user_id))).order_by("pk").first()
    if test is None:
        return 0
    answers = PromptExecution.objects.filter(session_id=test.session_id)
    if gone := large_answers.erase(answers):
        return gone
    for part in (
        answers,
        EvaluationSample.objects.filter(test=test),
    ):
        if rows := removed(part):
            return rows
    return PlaygroundSession.objects.filter(id=test.session_id).delete()[0]


def _datasets(user_id: UUID) -> int:
    """Only they could read them; tests have copied their cases."""
    theirs = Dataset.objects.filter(owner_id=user_id)
    return removed(DatasetCase.objects.filter(dataset__in=theirs)) or removed(theirs, at_most=20)


def _remarks(user_id: UUID) -> int:
    """In what others own: verdicts count on as nobody's, words go."""
    labels = ReviewLabel.objects.filter(rater__user_id=user_id)
    said = labels.filter(Q(comment__isnull=False) | Q(corrected__isnull=False)).update(comment=None, corrected=None)
    if said:
        return said
    return (
        ReviewRater.objects.filter(user_id=user_id).update(user=None, name=None)
        + GateOverride.objects.filter(signed_by_id=user_id, reason__isnull=False).update(reason=None)
        + _names_of_suites(user_id)
        + removed(EvaluationMember.objects.filter(user_id=user_id))
    )


def _names_of_suites(user_id: UUID) -> int:
    """What they called suites that are gone, where they have set gates or let labels pass."""
    there = Suite.objects.filter(template_id=OuterRef("template_id"), name=OuterRef("suite_name"))
    changes = GateChange.objects.filter(~Exists(there), changed_by_id=user_id).exclude(suite_name="")
    overrides = GateOverride.objects.filter(~Exists(there), signed_by_id=user_id).exclude(suite_name="")
    return changes.update(suite_name="") + overrides.update(suite_name="")
