"""The compare page and its fragments."""

from __future__ import annotations

from django.urls import path

from playground.pages.compare import saved, templates, views

urlpatterns = [
    path("compare", views.compare, name="compare"),
    path("compare/templates", templates.choose, name="compare-templates"),
    path("compare/forecast", views.forecast, name="compare-forecast"),
    path("comparisons", views.comparisons, name="comparisons"),
    path("comparisons/<uuid:comparison_id>/name", saved.name, name="comparison-name"),
    path("comparisons/<uuid:comparison_id>", views.comparison, name="comparison"),
    path("comparisons/<uuid:comparison_id>/columns/<int:position>", views.column, name="comparison-column"),
    path("comparisons/<uuid:comparison_id>/outcome", views.outcome, name="comparison-outcome"),
    path("comparisons/<uuid:comparison_id>/diff", views.difference, name="comparison-diff"),
    path("comparisons/<uuid:comparison_id>/stop", views.stop, name="comparison-stop"),
    path("comparisons/<uuid:comparison_id>/vote", views.vote, name="comparison-vote"),
]
