"""How long tests and reviews are kept, what of them something still stands on, and how holds find them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from evaluation_app.models import (
    AdoptedAnswer,
    Baseline,
    Dataset,
    EvaluationSample,
    EvaluationTest,
    EvaluationVariant,
    Recommendation,
    RecommendationRound,
    ReviewQueue,
    RoundState,
    RunStatus,
    SuiteRun,
    SuiteTest,
    TestStatus,
)
from playground.models import PromptExecution
from privacy.holds import reaches
from privacy.keeping import OfKind, UntilRemoved, With, decide
from privacy.models import Covers
from privacy.retention.kinds import Ids, Kind, register
from sessions_app.models import PlaygroundSession
from templates_app.models import PromptTemplate, TemplateLabel

RESULTS = "results"
REVIEWS = "reviews"


def declare() -> None:
    """To be called when the app is ready. Reviews go first: a test stays as long as one stands on it."""
    reviewed = "owner__organisation"
    register(Kind(REVIEWS, "Reviews", days=_days, rows=_reviews, moment="created_at", organisation=reviewed))
    register(
        Kind(
            RESULTS,
            "Evaluation tests with their answers and figures",
            days=_days,
            rows=_final,
            moment="created_at",
            needed=needed,
            parts=(_executions, _samples),
            remove=_with_their_sessions,
        )
    )
    decide(OfKind(RESULTS), "evaluation_tests")
    decide(
        With("evaluation_tests"),
        "evaluation_members", "evaluation_variants", "evaluation_cases", "evaluation_claims", "evaluation_samples",
        "evaluation_scores", "evaluation_judge_calls", "evaluation_provider_batches", "evaluation_case_totals",
        "evaluation_recommendation_rounds", "evaluation_recommendations", "evaluation_suite_tests",
    )  # fmt: skip
    decide(OfKind(REVIEWS), "review_queues")
    decide(With("review_queues"), "review_items", "review_raters", "review_locks", "review_labels")
    decide(UntilRemoved("what later tests expect of a case"), "adopted_answers")
    decide(UntilRemoved("a thing that people make on purpose"), "evaluation_datasets", "evaluation_suites",
           "evaluation_scoring_rules")  # fmt: skip
    decide(
        With("evaluation_datasets"),
        "evaluation_dataset_versions", "evaluation_dataset_cases", "evaluation_proposal_asks",
        "evaluation_case_proposals",
    )  # fmt: skip
    decide(With("prompt_executions"), "evaluation_call_scores")
    decide(With("evaluation_suites"), "evaluation_suite_runs")
    decide(With("prompt_templates"), "evaluation_baselines", "evaluation_gate_overrides", "evaluation_gate_changes")
    decide(With("template_splits"), "evaluation_split_watches", "evaluation_split_units")
    _reach()


def _days() -> int:
    return int(settings.ENV.retention_results_days)


def _final() -> QuerySet[Any]:
    return EvaluationTest.objects.filter(status__in=[status for status in TestStatus if status.is_final])


def _reviews() -> QuerySet[Any]:
    return ReviewQueue.objects.all()


def needed() -> Q:
    """Present baselines, the last runs of suites for what is labelled or current, and what reviews stand on."""
    labelled = Exists(TemplateLabel.objects.filter(version_id=OuterRef("version_id")))
    current = Exists(PromptTemplate.objects.filter(current_id=OuterRef("version_id")))
    later = SuiteRun.objects.filter(
        suite_id=OuterRef("suite_id"), trial_hash=OuterRef("trial_hash"), created_at__gt=OuterRef("created_at")
    )
    newest = SuiteRun.objects.filter(~Exists(later)).filter(Q(labelled) | Q(current) | Q(version=None))
    passed = SuiteRun.objects.filter(status=RunStatus.PASSED)
    last_passed = passed.order_by("suite_id", "-created_at").distinct("suite_id")
    runs = SuiteTest.objects.filter(
        Q(run__in=newest.order_by().values("id"))
        | Q(run__in=last_passed.values("id"))
        | Q(run__status=RunStatus.RUNNING)
    )
    return (
        Q(id__in=Baseline.objects.filter(ended_at=None).values("test_id"))
        | Q(id__in=runs.values("test_id"))
        | Q(id__in=ReviewQueue.objects.values("test_id"))
        | Q(id__in=RecommendationRound.objects.filter(state=RoundState.ASKING).values("test_id"))
        | Q(id__in=Recommendation.objects.filter(verification__isnull=False, accepted=None).values("verification_id"))
    )


def _executions(ids: Ids) -> QuerySet[Any]:
    return PromptExecution.objects.filter(session__in=_sessions_of(ids))


def _samples(ids: Ids) -> QuerySet[Any]:
    return EvaluationSample.objects.filter(test_id__in=ids)


def _sessions_of(ids: Ids) -> QuerySet[Any]:
    return EvaluationTest.objects.filter(id__in=ids).order_by().values_list("session_id", flat=True)


def _with_their_sessions(ids: Ids) -> None:
    """A test lies in a hidden session of its own, and goes with it."""
    PlaygroundSession.objects.filter(id__in=list(_sessions_of(ids)), is_hidden=True).delete()


def _reach() -> None:
    reaches(EvaluationTest, Covers.TEST, "id")
    reaches(EvaluationTest, Covers.USER, "user_id")
    reaches(EvaluationTest, Covers.SESSION, "session_id")
    reaches(EvaluationTest, Covers.ORGANISATION, "user__organisation")
    reaches(EvaluationTest, Covers.TEMPLATE, _by_variant)
    reaches(ReviewQueue, Covers.TEST, "test_id")
    reaches(ReviewQueue, Covers.USER, "owner_id", "test__user_id")
    reaches(ReviewQueue, Covers.ORGANISATION, "owner__organisation", "test__user__organisation")
    reaches(ReviewQueue, Covers.TEMPLATE, lambda ids: Q(test__in=EvaluationTest.objects.filter(_by_variant(ids))))
    reaches(Dataset, Covers.USER, "owner_id")
    reaches(Dataset, Covers.ORGANISATION, "owner__organisation")
    reaches(AdoptedAnswer, Covers.USER, "owner_id")
    reaches(PlaygroundSession, Covers.TEST, _tests_sessions)
    reaches(PlaygroundSession, Covers.TEMPLATE, _measuring_sessions)
    reaches(PromptExecution, Covers.TEST, lambda ids: Q(session__in=_sessions_of(ids)))
    reaches(PromptTemplate, Covers.TEST, _templates_of)


def _by_variant(ids: list[Any]) -> Q:
    return Q(id__in=EvaluationVariant.objects.filter(template_version__template_id__in=ids).values("test_id"))


def _tests_sessions(ids: list[Any]) -> Q:
    return Q(id__in=_sessions_of(ids))


def _measuring_sessions(ids: list[Any]) -> Q:
    return Q(id__in=EvaluationTest.objects.filter(_by_variant(ids)).order_by().values("session_id"))


def _templates_of(ids: list[Any]) -> Q:
    """Templates that a held test has measured: it would not say any more of what."""
    variants = EvaluationVariant.objects.filter(test_id__in=ids, template_version__isnull=False)
    return Q(id__in=variants.values("template_version__template_id"))
