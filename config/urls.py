"""Every address of the service."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

from accounts import api as accounts_api
from config import health, not_there
from playground import api, compare_api, execute_api, remarks_api
from playground.openapi import documented
from sessions_app import api_urls as session_urls
from sessions_app import data_urls
from templates_app import api_urls as template_urls

api_urlpatterns = [
    path("api/auth/token", accounts_api.TokenView.as_view()),
    path("api/auth/token/refresh", accounts_api.RefreshView.as_view()),
    path("api/auth/me", accounts_api.MeView.as_view()),
    path("api/models", api.ModelsView.as_view()),
    path("api/models/<path:model_id>", api.ModelView.as_view()),
    path("api/providers/status", api.ProvidersView.as_view()),
    path("api/executions/<uuid:execution_id>/comments", remarks_api.CommentsView.as_view()),
    path("api/executions/<uuid:execution_id>/rating", remarks_api.RatingView.as_view()),
    path("api/comments/<uuid:comment_id>", remarks_api.CommentView.as_view()),
    *template_urls.urlpatterns,
    *session_urls.urlpatterns,
    *data_urls.urlpatterns,
]
urlpatterns = [
    # The doors that are asked most stand first.
    path("api/prompts/execute", execute_api.execute),
    path("api/prompts/execute/stream", execute_api.stream),
    path("api/executions/<uuid:execution_id>", execute_api.execution),
    path("api/executions/<uuid:execution_id>/stream", execute_api.execution_stream),
    path("api/executions/<uuid:execution_id>/cancel", execute_api.cancel),
    path("api/executions/<uuid:execution_id>/replay", compare_api.replay),
    path("api/comparisons", compare_api.compare),
    path("api/comparisons/<uuid:comparison_id>", compare_api.comparison),
    path("api/comparisons/<uuid:comparison_id>/vote", compare_api.vote),
    *api_urlpatterns,
    path("health", health.health, name="health"),
    path("health/live", health.live, name="health-live"),
    path("api/schema", SpectacularJSONAPIView.as_view(patterns=[*api_urlpatterns, *documented]), name="schema"),
    path("api/docs", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("api/<path:rest>", not_there.api),
    path("admin/", admin.site.urls),
    path("", include("accounts.page_urls")),
    path("", include("playground.page_urls")),
    path("", include("playground.compare_page_urls")),
    path("", include("sessions_app.page_urls")),
    path("", include("templates_app.page_urls")),
]
handler400 = not_there.bad_request
handler403 = not_there.forbidden
handler404 = not_there.not_found
handler500 = not_there.server_error
