"""Signing in and out, and what is one's own to set."""

from __future__ import annotations

from django.urls import path

from accounts.pages import (
    audit,
    notifications,
    oidc,
    organisation,
    palette,
    password,
    settings,
    sign_in,
    teams,
    tokens,
    webhooks,
)

urlpatterns = [
    path("login", sign_in.SignIn.as_view(), name="login"),
    path("logout", sign_in.sign_out, name="logout"),
    path("sign-in/oidc", oidc.begin, name="oidc"),
    path("sign-in/oidc/callback", oidc.callback, name="oidc-callback"),
    path("sign-in/<str:token>", sign_in.SignInByLink.as_view(), name="sign-in"),
    path("palette", palette.palette, name="palette"),
    path("audit", audit.audit_log, name="audit"),
    path("notifications", notifications.notifications, name="notifications"),
    path("notifications/latest", notifications.latest, name="notifications-latest"),
    path("notifications/unread", notifications.unread, name="notifications-unread"),
    path("notifications/read", notifications.read_all, name="notifications-read"),
    path("notifications/<uuid:notification_id>", notifications.follow, name="notification"),
    path("notifications/<uuid:notification_id>/read", notifications.read, name="notification-read"),
    path("settings", settings.settings, name="settings"),
    path("settings/password", password.own, name="password"),
    path("settings/notifications", notifications.ways, name="notification-settings"),
    path("settings/organisation", organisation.organisation, name="organisation"),
    path("settings/organisation/members/<uuid:user_id>", organisation.give_role, name="organisation-role"),
    path("settings/teams", teams.teams, name="teams"),
    path("settings/teams/<uuid:team_id>", teams.team, name="team"),
    path("settings/teams/<uuid:team_id>/delete", teams.delete, name="team-delete"),
    path("settings/teams/<uuid:team_id>/members/<uuid:user_id>", teams.give_role, name="team-role"),
    path("settings/teams/<uuid:team_id>/members/<uuid:user_id>/take-out", teams.take_out, name="team-take-out"),
    path("settings/webhooks", webhooks.webhooks, name="webhooks"),
    path("settings/webhooks/<uuid:webhook_id>", webhooks.webhook, name="webhook"),
    path("settings/webhooks/<uuid:webhook_id>/secret", webhooks.new_secret, name="webhook-secret"),
    path("settings/webhooks/<uuid:webhook_id>/acts/<str:what>", webhooks.act, name="webhook-act"),
    path(
        "settings/webhooks/<uuid:webhook_id>/deliveries/<int:delivery_id>/replay",
        webhooks.replay,
        name="webhook-replay",
    ),
    path("settings/tokens", tokens.tokens, name="tokens"),
    path("settings/tokens/<uuid:token_id>/revoke", tokens.revoke, name="token-revoke"),
]
