"""Writes to these tables are told to the audit log, whatever door they come by."""

from django.db import migrations

from audit.triggers import watched


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("accounts", "0005_tokens")]

    operations = [
        watched(
            "users",
            kind="user",
            made="user_made",
            changed="user_changed",
            deleted="user_deleted",
            columns=[
                "username",
                "name",
                "email",
                "password",
                "roles",
                "organisation",
                "is_active",
                "is_staff",
                "is_superuser",
                "is_service",
            ],
        ),
        watched(
            "teams", kind="team", made="team_made", changed="team_changed", deleted="team_deleted", columns=["name"]
        ),
        watched(
            "teams_members",
            kind="team",
            made="team_member_added",
            deleted="team_member_removed",
            identified_by="team_id",
            concerns=["user_id"],
        ),
        watched("users_groups", kind="user", made="user_changed", deleted="user_changed", identified_by="user_id"),
        watched(
            "users_user_permissions", kind="user", made="user_changed", deleted="user_changed", identified_by="user_id"
        ),
        watched("sign_in_links", kind="user", made="sign_in_link_made", identified_by="user_id", concerns=["user_id"]),
        watched(
            "api_tokens",
            kind="api_token",
            made="token_made",
            changed="token_changed",
            deleted="token_deleted",
            columns=["user_id", "name", "digest", "scopes", "expires_at", "revoked_at"],
            turn=("revoked_at", "token_revoked", "token_changed"),
            concerns=["user_id"],
        ),
        watched("revoked_tokens", kind="web_token", made="web_token_revoked"),
    ]
