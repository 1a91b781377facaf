"""The playground's pages and fragments."""

from __future__ import annotations

from django.urls import path

from playground.pages import guidance, providers
from playground.pages.compose import fragments, several, sources, tools, views
from playground.pages.defaults import views as defaults
from playground.pages.history import views as history

urlpatterns = [
    path("", views.playground, name="playground"),
    path("open", views.opened, name="playground-open"),
    path("executions", several.run, name="executions"),
    path("executions/<uuid:execution_id>", views.execution, name="execution"),
    path("executions/<uuid:execution_id>/cancel", views.cancel, name="cancel"),
    path("executions/<uuid:execution_id>/resume", tools.resume, name="execution-resume"),
    path("tools", tools.tools, name="tools"),
    path("tools/<str:name>/test", tools.try_tool, name="tool-test"),
    path("executions/<uuid:execution_id>/rating", fragments.rate, name="execution-rating"),
    path("executions/<uuid:execution_id>/code", fragments.as_code, name="execution-code"),
    path("executions/<uuid:execution_id>/template", fragments.as_template, name="execution-template"),
    path("repeats", several.repeat, name="repeats"),
    path("rows/<uuid:whole_id>", several.rows, name="rows"),
    path("together/<uuid:whole_id>/stop", several.stop, name="stop-all"),
    path("providers", providers.providers, name="providers"),
    path("providers/<slug:slug>/test", providers.test, name="provider-test"),
    path("settings/playground", defaults.defaults, name="playground-defaults"),
    path("help", guidance.guidance, name="help"),
    path("forecast", views.forecast, name="forecast"),
    path("variables", fragments.variables, name="variables"),
    path("sources", sources.sources, name="sources"),
    path("history", history.history, name="history"),
    path("history/difference", history.difference, name="history-difference"),
    path("models", views.models, name="models"),
    path("parameters", views.parameters, name="parameters"),
]
