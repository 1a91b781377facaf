"""A person's tests, datasets and reviews, for themselves."""

from __future__ import annotations

from evaluation_app.models import (
    AdoptedAnswer,
    CallScore,
    Dataset,
    DatasetCase,
    EvaluationCase,
    EvaluationSample,
    EvaluationTest,
    EvaluationVariant,
    ReviewLabel,
    ReviewQueue,
    ScoringRule,
    Suite,
)
from privacy.own_data.records import of_rows


def declare() -> None:
    """To be called when the app is ready."""
    of_rows(
        "tests",
        "Your evaluation tests and what they have shown.",
        lambda user: EvaluationTest.objects.filter(user=user),
        "id", "name", "session_id", "tags", "status", "runs", "policy", "spent_cost", "results", "created_at",
        "completed_at",
    )  # fmt: skip
    of_rows(
        "test_variants",
        "What your tests have compared.",
        lambda user: EvaluationVariant.objects.filter(test__user=user),
        "test_id", "position", "name", "model_id", "body",
    )  # fmt: skip
    of_rows(
        "test_cases",
        "The cases of your tests.",
        lambda user: EvaluationCase.objects.filter(test__user=user),
        "test_id", "position", "name", "input", "expected", "scorers", "tags",
    )  # fmt: skip
    of_rows(
        "test_samples",
        "Each run of a case; the answer stands in executions.",
        lambda user: EvaluationSample.objects.filter(test__user=user),
        "id", "test_id", "variant_id", "case_id", "run", "state", "execution_id", "passed", "score", "cost",
    )  # fmt: skip
    of_rows(
        "datasets",
        "Your datasets; their cases stand in dataset_cases.",
        lambda user: Dataset.objects.filter(owner=user),
        "id", "name", "description", "template_id", "archived", "created_at", "updated_at",
    )  # fmt: skip
    of_rows(
        "dataset_cases",
        "The cases of your datasets, from version `since` to before `until`.",
        lambda user: DatasetCase.objects.filter(dataset__owner=user),
        "dataset_id", "key", "since", "until", "name", "split", "input", "expected", "scorers", "tags",
    )  # fmt: skip
    of_rows(
        "suites",
        "Your suites.",
        lambda user: Suite.objects.filter(user=user),
        "id", "name", "template_id", "tests", "gate_label", "schedule", "created_at",
    )  # fmt: skip
    of_rows(
        "scoring_rules",
        "Your rules by which calls made elsewhere are scored.",
        lambda user: ScoringRule.objects.filter(user=user),
        "id", "name", "service", "model_id", "project_id", "share", "scorers", "suite_id", "budget_per_day",
        "is_active", "created_at",
    )  # fmt: skip
    of_rows(
        "call_scores",
        "What your rules have found of calls.",
        lambda user: CallScore.objects.filter(rule__user=user),
        "rule_id", "execution_id", "state", "score", "scores", "cost", "scored_at",
    )  # fmt: skip
    of_rows(
        "reviews",
        "Reviews that you have made for others to answer.",
        lambda user: ReviewQueue.objects.filter(owner=user),
        "id", "test_id", "name", "kind", "rubric", "created_at",
    )  # fmt: skip
    of_rows(
        "review_labels",
        "What you have said in reviews.",
        lambda user: ReviewLabel.objects.filter(rater__user=user),
        "item_id", "is_skip", "passed", "rating", "winner", "corrected", "comment", "created_at",
    )  # fmt: skip
    of_rows(
        "adopted_answers",
        "Corrected answers that you have adopted.",
        lambda user: AdoptedAnswer.objects.filter(owner=user),
        "case_key", "text", "created_at",
    )  # fmt: skip
