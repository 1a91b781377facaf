"""Every address of the service."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from accounts.api import audit, notifications, organisations, teams, tokens
from accounts.api import identity as accounts_api
from accounts.api.webhooks import doors as webhooks
from accounts.api.webhooks import log as webhook_log
from accounts.pages import password, sign_in
from analytics.api import urls as analytics_urls
from config import health, not_there, openapi, reference
from config.metrics import door as metrics
from evaluation_app.api import urls as evaluation_urls
from events.api import intake
from events.api import openapi as events_openapi
from history.api import urls
from monitoring.api import urls as monitoring_urls
from playground.api import comparisons, executions, feedback, knowledge, mcp_servers, tools
from playground.api.openapi import documented
from playground.gateway import openapi as gateway_openapi
from playground.gateway import urls as gateway_urls
from privacy.api import urls as privacy_urls
from providers import api
from quotas.api import urls as quota_urls
from sessions_app.api import urls as session_urls
from templates_app.api import urls as template_urls

api_urlpatterns = [
    path("api/auth/token", accounts_api.TokenView.as_view()),
    path("api/auth/token/refresh", accounts_api.RefreshView.as_view()),
    path("api/auth/token/revoke", tokens.RevokeView.as_view()),
    path("api/auth/tokens", tokens.TokensView.as_view()),
    path("api/auth/tokens/<uuid:token_id>", tokens.ApiTokenView.as_view()),
    path("api/auth/me", accounts_api.MeView.as_view()),
    path("api/organisation", organisations.OrganisationView.as_view()),
    path("api/organisation/members", organisations.PeopleView.as_view()),
    path("api/organisation/members/<uuid:user_id>", organisations.PersonView.as_view()),
    path("api/teams", teams.TeamsView.as_view()),
    path("api/teams/<uuid:team_id>", teams.TeamView.as_view()),
    path("api/teams/<uuid:team_id>/members", teams.TeamMembersView.as_view()),
    path("api/teams/<uuid:team_id>/members/<uuid:user_id>", teams.TeamMemberView.as_view()),
    path("api/webhooks", webhooks.WebhooksView.as_view()),
    path("api/webhooks/<uuid:webhook_id>", webhooks.WebhookView.as_view()),
    path("api/webhooks/<uuid:webhook_id>/secret", webhooks.WebhookSecretView.as_view()),
    path("api/webhooks/<uuid:webhook_id>/test", webhooks.WebhookTestView.as_view()),
    path("api/webhooks/<uuid:webhook_id>/replay", webhook_log.ReplayView.as_view()),
    path("api/webhooks/<uuid:webhook_id>/deliveries", webhook_log.DeliveriesView.as_view()),
    path("api/webhooks/<uuid:webhook_id>/deliveries/<int:delivery_id>/replay", webhook_log.OneReplayView.as_view()),
    path("api/notifications", notifications.NotificationsView.as_view()),
    path("api/notifications/read-all", notifications.NotificationsReadView.as_view()),
    path("api/notifications/preferences", notifications.NotificationPreferencesView.as_view()),
    path("api/notifications/<uuid:notification_id>/read", notifications.NotificationReadView.as_view()),
    path("api/audit", audit.AuditView.as_view()),
    path("api/audit/export", audit.AuditExportView.as_view(), name="audit-export"),
    *privacy_urls.urlpatterns,
    path("api/models", api.ModelsView.as_view()),
    path("api/models/<path:model_id>", api.ModelView.as_view()),
    path("api/providers/status", api.ProvidersView.as_view()),
    path("api/executions/<uuid:execution_id>/comments", feedback.CommentsView.as_view()),
    path("api/executions/<uuid:execution_id>/rating", feedback.RatingView.as_view()),
    path("api/comments/<uuid:comment_id>", feedback.CommentView.as_view()),
    path("api/mcp-servers", mcp_servers.McpServersView.as_view()),
    path("api/mcp-servers/<uuid:server_id>", mcp_servers.McpServerView.as_view()),
    path("api/mcp-servers/<uuid:server_id>/list", mcp_servers.McpServerListingView.as_view()),
    path("api/knowledge/search", knowledge.KnowledgeSearchView.as_view()),
    *quota_urls.urlpatterns,
    *template_urls.urlpatterns,
    *session_urls.urlpatterns,
    *urls.urlpatterns,
    *evaluation_urls.urlpatterns,
    *analytics_urls.urlpatterns,
    *monitoring_urls.urlpatterns,
]
described = [
    *api_urlpatterns,
    *documented,
    *openapi.documented,
    *events_openapi.documented,
    *gateway_openapi.documented,
]
"""What the OpenAPI document is made of."""
admin.site.enable_nav_sidebar = False  # its pages stand in the frame of every other page
admin.site.index_title = "Administration"

urlpatterns = [
    # The doors that are asked most stand first.
    path("api/prompts/execute", executions.execute),
    path("api/prompts/execute/stream", executions.stream),
    path("api/executions/<uuid:execution_id>", executions.execution),
    path("api/executions/<uuid:execution_id>/stream", executions.execution_stream),
    path("api/executions/<uuid:execution_id>/cancel", executions.cancel),
    path("api/executions/<uuid:execution_id>/replay", comparisons.replay),
    path("api/executions/<uuid:execution_id>/resume", tools.resume),
    path("api/tools", tools.tools),
    path("api/tools/<str:name>/test", tools.try_tool),
    path("api/comparisons", comparisons.compare),
    path("api/comparisons/<uuid:comparison_id>", comparisons.comparison),
    path("api/comparisons/<uuid:comparison_id>/vote", comparisons.vote),
    path("api/events", intake.events),
    *api_urlpatterns,
    path("metrics", metrics.metrics),
    path("health", health.health, name="health"),
    path("health/live", health.live, name="health-live"),
    path("api/schema", reference.SchemaView.as_view(patterns=described), name="schema"),
    path("api/docs", reference.index, name="docs"),
    path("api/docs/<slug:slug>", reference.part, name="docs-part"),
    *gateway_urls.urlpatterns,
    path("api/<path:rest>", not_there.api),
    path("v1/<path:rest>", not_there.api),
    path("admin/login/", sign_in.instead_of_the_admins),
    path("admin/password_change/", password.change),
    path("admin/", admin.site.urls),
    path("", include("accounts.pages.urls")),
    path("", include("privacy.pages.urls")),
    path("", include("quotas.pages.urls")),
    path("", include("analytics.pages.urls")),
    path("", include("monitoring.pages.urls")),
    path("", include("playground.pages.compose.urls")),
    path("", include("playground.pages.compare.urls")),
    path("", include("evaluation_app.pages.urls")),
    path("", include("history.pages.urls")),
    path("", include("templates_app.pages.urls")),
]
handler400 = not_there.bad_request
handler403 = not_there.forbidden
handler404 = not_there.not_found
handler500 = not_there.server_error
