"""The pages of tests, and what their forms and buttons send."""

from __future__ import annotations

from django.urls import path

from evaluation_app.pages import building, overview, results

ONE = "evaluations/<uuid:test_id>"

urlpatterns = [
    path("evaluations", overview.test_list, name="evaluations"),
    path("evaluations/new", building.new, name="evaluation-new"),
    path("evaluations/plan", building.plan, name="evaluation-plan"),
    path(ONE, results.test, name="evaluation"),
    path(f"{ONE}/samples", results.samples, name="evaluation-samples"),
    path(f"{ONE}/<slug:verb>", results.steer, name="evaluation-steer"),
]
