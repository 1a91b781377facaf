"""What accounts and the audit log know of a person, for themselves."""

from __future__ import annotations

from accounts.models import ApiToken, TeamMember, User, UserNetwork
from audit.models import AuditEntry
from events.models import Event, Notification, NotificationPreference, Webhook
from privacy.models import OwnData
from privacy.own_data.records import of_rows


def declare() -> None:
    """To be called when the app is ready."""
    of_rows(
        "account",
        "Your account: how you are known here.",
        lambda user: User.objects.filter(id=user.id),
        "id", "username", "name", "email", "roles", "organisation", "organisation_role", "created_at", "last_login",
    )  # fmt: skip
    of_rows(
        "teams",
        "The teams that you are in.",
        lambda user: TeamMember.objects.filter(user=user),
        "team_id", "role",
    )  # fmt: skip
    of_rows(
        "api_tokens",
        "Your API tokens, without their secrets.",
        lambda user: ApiToken.objects.filter(user=user),
        "id", "name", "ending", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at",
    )  # fmt: skip
    of_rows(
        "networks",
        "The networks that your requests have come from, as far as a new one is told by them.",
        lambda user: UserNetwork.objects.filter(user=user),
        "network", "by", "first_seen_at", "last_seen_at",
    )  # fmt: skip
    of_rows(
        "acts",
        "What the audit log says that you did: acts, and ids of what they were done to.",
        lambda user: AuditEntry.objects.filter(actor=user.id),
        "at", "act", "kind", "object_id", "fields", "address", "request_id",
    )  # fmt: skip
    of_rows(
        "events",
        "What was told to other services of what you did, in the last days.",
        lambda user: Event.objects.filter(user_id=user.id),
        "id", "type", "payload", "words", "created_at",
    )  # fmt: skip
    of_rows(
        "notifications",
        "What you were told in the page and by mail.",
        lambda user: Notification.objects.filter(user_id=user.id),
        "id", "kind", "payload", "words", "created_at", "read_at", "mailed_at",
    )  # fmt: skip
    of_rows(
        "notification_preferences",
        "How you want to be told.",
        lambda user: NotificationPreference.objects.filter(user_id=user.id),
        "kind", "page", "mail",
    )  # fmt: skip
    of_rows(
        "webhooks",
        "The addresses that get your events; their secrets are not in it.",
        lambda user: Webhook.objects.filter(owner_id=user.id),
        "id", "name", "url", "created_at",
    )  # fmt: skip
    of_rows(
        "files_of_own_data",
        "When you asked for files such as this one.",
        lambda user: OwnData.objects.filter(user=user),
        "id", "status", "size", "created_at", "expires_at",
    )  # fmt: skip
