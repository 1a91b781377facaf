"""The playground's pages and fragments."""

from __future__ import annotations

from django.urls import path

from playground.pages.compose import fragments, repeats, views

urlpatterns = [
    path("", views.playground, name="playground"),
    path("executions", views.run, name="executions"),
    path("executions/<uuid:execution_id>", views.execution, name="execution"),
    path("executions/<uuid:execution_id>/cancel", views.cancel, name="cancel"),
    path("executions/<uuid:execution_id>/rating", fragments.rate, name="execution-rating"),
    path("executions/<uuid:execution_id>/template", fragments.as_template, name="execution-template"),
    path("repeats", repeats.repeat, name="repeats"),
    path("repeats/<uuid:repetition_id>/stop", repeats.stop, name="repeat-stop"),
    path("forecast", views.forecast, name="forecast"),
    path("variables", fragments.variables, name="variables"),
    path("history", views.history, name="history"),
    path("models", views.models, name="models"),
    path("parameters", views.parameters, name="parameters"),
]
