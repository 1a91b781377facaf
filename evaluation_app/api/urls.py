"""Addresses of the Evaluation Engine."""

from __future__ import annotations

from django.urls import path

from evaluation_app.api import (
    baselines,
    benchmarks,
    dataset_files,
    datasets,
    export,
    judges,
    planning,
    proposals,
    recommendations,
    reviewing,
    reviews,
    samples,
    scorers,
    splits,
    suites,
    tests,
)

ONE = "api/evaluation/<uuid:test_id>"
A_DATASET = "api/datasets/<uuid:dataset_id>"
REVIEW = "api/reviews/<uuid:review_id>"
A_LABEL = "api/templates/<uuid:template_id>/labels/<str:label>"
SUITE = "api/suites/<uuid:suite_id>"

urlpatterns = [
    path("api/evaluation", tests.TestsView.as_view()),
    path("api/evaluation/probabilistic", tests.ProbabilisticView.as_view()),
    path("api/evaluation/compare", tests.CompareView.as_view()),
    path("api/evaluation/plan", planning.PlanView.as_view()),
    path("api/evaluation/scorers", scorers.ScorersView.as_view()),
    path("api/evaluation/scorers/try", scorers.TryView.as_view()),
    path("api/evaluation/scorers/webhook-secret", scorers.WebhookSecretView.as_view()),
    path("api/evaluation/recommendations/rounds/<uuid:round_id>/cancel", recommendations.RoundCancelView.as_view()),
    path("api/evaluation/recommendations/<uuid:recommendation_id>/verify", recommendations.VerifyView.as_view()),
    path("api/evaluation/recommendations/<uuid:recommendation_id>/accept", recommendations.AcceptView.as_view()),
    path("api/evaluation/baselines", baselines.BaselinesView.as_view()),
    path("api/evaluation/benchmarks", benchmarks.BenchmarksView.as_view()),
    path("api/evaluation/gates", suites.GatesView.as_view()),
    path(ONE, tests.TestView.as_view(), name="evaluation-test"),
    path(f"{ONE}/recommendations", recommendations.RecommendationsView.as_view()),
    path(f"{ONE}/judges", judges.JudgesView.as_view()),
    path(f"{ONE}/samples", samples.SamplesView.as_view()),
    path(f"{ONE}/export", export.TestExportView.as_view(), name="evaluation-export"),
    path(f"{ONE}/share", tests.ShareTestView.as_view()),
    path(f"{ONE}/undelete", tests.UndeleteTestView.as_view()),
    path(f"{ONE}/pause", tests.PauseView.as_view()),
    path(f"{ONE}/resume", tests.ResumeView.as_view()),
    path(f"{ONE}/cancel", tests.CancelView.as_view()),
    path(f"{ONE}/rerun-errors", tests.RerunErrorsView.as_view()),
    path(f"{ONE}/rescore", tests.RescoreView.as_view()),
    path("api/datasets", datasets.DatasetsView.as_view()),
    path("api/datasets/import", dataset_files.NewImportView.as_view()),
    path(A_DATASET, datasets.DatasetView.as_view()),
    path(f"{A_DATASET}/versions", datasets.VersionsView.as_view()),
    path(f"{A_DATASET}/cases", datasets.CasesView.as_view()),
    path(f"{A_DATASET}/cases/<str:key>", datasets.CaseView.as_view()),
    path(f"{A_DATASET}/import", dataset_files.ImportView.as_view()),
    path(f"{A_DATASET}/export", dataset_files.ExportView.as_view(), name="dataset-export"),
    path("api/reviews", reviews.ReviewsView.as_view()),
    path(REVIEW, reviews.ReviewView.as_view()),
    path(f"{REVIEW}/next", reviewing.ReviewNextView.as_view()),
    path(f"{REVIEW}/undo", reviewing.ReviewUndoView.as_view()),
    path(f"{REVIEW}/items/<uuid:item_id>", reviewing.ReviewItemView.as_view()),
    path(f"{REVIEW}/items/<uuid:item_id>/adopt", reviewing.ReviewAdoptView.as_view()),
    path(f"{REVIEW}/labels", reviews.ReviewLabelsView.as_view()),
    path(f"{REVIEW}/agreement", reviews.ReviewAgreementView.as_view()),
    path(f"{ONE}/baseline", baselines.BaselineView.as_view()),
    path(f"{A_LABEL}/split", splits.SplitView.as_view()),
    path(f"{A_LABEL}/splits", splits.SplitsView.as_view()),
    path("api/suites", suites.SuitesView.as_view()),
    path(SUITE, suites.SuiteView.as_view()),
    path(f"{SUITE}/run", suites.SuiteRunView.as_view()),
    path(f"{SUITE}/runs", suites.SuiteRunsView.as_view()),
    path(f"{SUITE}/runs/<uuid:run_id>", suites.OneRunView.as_view()),
    path(f"{SUITE}/runs/<uuid:run_id>/override", suites.OverrideView.as_view()),
    path(f"{A_DATASET}/proposals", proposals.ProposalsView.as_view()),
    path(f"{A_DATASET}/proposals/<uuid:proposal_id>/accept", proposals.AcceptView.as_view()),
    path(f"{A_DATASET}/proposals/<uuid:proposal_id>/decline", proposals.DeclineView.as_view()),
]
