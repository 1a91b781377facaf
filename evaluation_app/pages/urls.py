"""The pages of tests, and what their forms and buttons send."""

from __future__ import annotations

from django.urls import path

from evaluation_app.pages import (
    benchmarks,
    building,
    dataset_adding,
    dataset_cases,
    dataset_files,
    dataset_proposals,
    datasets,
    overview,
    recommendations,
    repetitions,
    results,
    reviewing,
    reviews,
    samples,
    scoring,
    sharing,
    splits,
    suites,
)

ONE = "evaluations/<uuid:test_id>"
REVIEW = f"{ONE}/reviews/<uuid:review_id>"
RECOMMENDATION = f"{ONE}/recommendations/<uuid:recommendation_id>"
LINK = "review/<str:token>"
SUITE = "evaluations/suites/<uuid:suite_id>"
A_DATASET = "datasets/<uuid:dataset_id>"
TRAFFIC = "templates/<uuid:template_id>/labels/split"
A_CASE = f"{A_DATASET}/cases/<str:key>"

urlpatterns = [
    path("evaluations", overview.test_list, name="evaluations"),
    path("evaluations/new", building.new, name="evaluation-new"),
    path("evaluations/plan", building.plan, name="evaluation-plan"),
    path("evaluations/benchmarks", benchmarks.board, name="benchmarks"),
    path(TRAFFIC, splits.split, name="template-split"),
    path(f"{TRAFFIC}/begin", splits.begin, name="template-split-begin"),
    path(f"{TRAFFIC}/share", splits.change_share, name="template-split-share"),
    path(f"{TRAFFIC}/stop", splits.stop, name="template-split-stop"),
    path("evaluations/suites", suites.suite_list, name="suites"),
    path("evaluations/scoring", scoring.scoring, name="scoring"),
    path("evaluations/scoring/<uuid:rule_id>", scoring.act, name="scoring-act"),
    path("executions/<uuid:execution_id>/scores", scoring.call_scores, name="call-scores"),
    path(SUITE, suites.suite, name="suite"),
    path(f"{SUITE}/runs/<uuid:run_id>/override", suites.override, name="suite-override"),
    path(f"{SUITE}/<slug:verb>", suites.act, name="suite-act"),
    path(ONE, results.test, name="evaluation"),
    path(f"{ONE}/share", sharing.share, name="evaluation-share"),
    path(f"{ONE}/delete", sharing.delete, name="evaluation-delete"),
    path(f"{ONE}/undelete", sharing.undelete, name="evaluation-undelete"),
    path(f"{ONE}/suite", suites.keep, name="evaluation-keep"),
    path(f"{ONE}/baseline", suites.make_baseline, name="evaluation-baseline"),
    path(f"{ONE}/samples", samples.samples, name="evaluation-samples"),
    path(f"{ONE}/reviews", reviews.test_reviews, name="evaluation-reviews"),
    path(REVIEW, reviews.test_review, name="evaluation-review"),
    path(f"{REVIEW}/link", reviews.link, name="evaluation-review-link"),
    path(f"{REVIEW}/delete", reviews.delete, name="evaluation-review-delete"),
    path(f"{REVIEW}/labels/<uuid:label_id>/adopt", reviews.adopt, name="evaluation-review-adopt"),
    path("repeats/<uuid:repetition_id>", repetitions.repetition, name="repeat"),
    path("repeats/<uuid:repetition_id>/answers", repetitions.answers, name="repeat-answers"),
    path(f"{ONE}/recommendations", recommendations.recommendations, name="evaluation-recommendations"),
    path(f"{ONE}/recommendations/rounds/<uuid:round_id>/stop", recommendations.stop, name="evaluation-round-stop"),
    path(f"{RECOMMENDATION}/<slug:verb>", recommendations.act, name="evaluation-recommendation"),
    path(f"{ONE}/<slug:verb>", results.steer, name="evaluation-steer"),
    path("datasets", datasets.dataset_list, name="datasets"),
    path("datasets/new", datasets.new, name="dataset-new"),
    path("datasets/add", dataset_adding.add_run, name="dataset-add"),
    path("datasets/bad", dataset_adding.add_bad_run, name="dataset-bad-run"),
    path(A_DATASET, datasets.dataset, name="dataset"),
    path(f"{A_DATASET}/change", datasets.change, name="dataset-change"),
    path(f"{A_DATASET}/restore", datasets.restore, name="dataset-restore"),
    path(f"{A_DATASET}/import", dataset_files.import_, name="dataset-import"),
    path(f"{A_DATASET}/add", dataset_cases.add, name="dataset-case-add"),
    path(f"{A_DATASET}/paste", dataset_cases.paste, name="dataset-paste"),
    path(f"{A_DATASET}/proposals", dataset_proposals.proposals, name="dataset-proposals"),
    path(f"{A_DATASET}/proposals/<uuid:proposal_id>/<slug:verb>", dataset_proposals.decide, name="dataset-proposal"),
    path(A_CASE, dataset_cases.edit, name="dataset-case"),
    path(f"{A_CASE}/remove", dataset_cases.remove, name="dataset-case-remove"),
    path(f"{A_CASE}/back", dataset_cases.bring_back, name="dataset-case-back"),
    # Open to whoever has the link (accounts.closed_door).
    path(LINK, reviewing.review, name="review"),
    path(f"{LINK}/name", reviewing.name, name="review-name"),
    path(f"{LINK}/next", reviewing.following, name="review-next"),
    path(f"{LINK}/undo", reviewing.undone, name="review-undo"),
    path(f"{LINK}/items/<uuid:item_id>", reviewing.item, name="review-item"),
]
