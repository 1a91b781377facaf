"""Managers of organisations and teams; what follows when somebody moves; who gives roles is told to the audit log."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.teams.moving import KNOWN, MOVE, MOVE_NO_MORE
from audit.triggers import watched

ROLES = [("member", "Member"), ("manager", "Manager")]
OF_USERS = [
    "username", "name", "email", "password", "roles", "organisation", "is_active", "is_staff", "is_superuser",
    "is_service",
]  # fmt: skip
USERS: dict[str, Any] = {"kind": "user", "made": "user_made", "changed": "user_changed", "deleted": "user_deleted"}
TEAMS: dict[str, Any] = {"kind": "team", "made": "team_made", "changed": "team_changed", "deleted": "team_deleted"}
MEMBERS: dict[str, Any] = {
    "kind": "team",
    "made": "team_member_added",
    "deleted": "team_member_removed",
    "identified_by": "team_id",
    "concerns": ["user_id"],
}


def no_longer(before: migrations.RunSQL) -> migrations.RunSQL:
    """Takes away what `before` had made."""
    return migrations.RunSQL(before.reverse_sql, before.sql)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_organisations")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="organisation_role",
            field=models.CharField(choices=ROLES, db_default="member", default="member", max_length=10),
        ),
        # The table that held who is in a team gets a model of its own; nothing of it changes but the new column.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="TeamMember",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        (
                            "team",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="memberships",
                                to="accounts.team",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={"db_table": "teams_members", "unique_together": {("team", "user")}},
                ),
                migrations.AlterField(
                    model_name="team",
                    name="members",
                    field=models.ManyToManyField(
                        blank=True, related_name="teams", through="accounts.TeamMember", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ]
        ),
        migrations.AddField(
            model_name="teammember",
            name="role",
            field=models.CharField(choices=ROLES, db_default="member", default="member", max_length=10),
        ),
        # Whoever names a team must not learn what those of other organisations are called.
        migrations.AlterField(model_name="team", name="name", field=models.CharField(max_length=150)),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.UniqueConstraint(fields=("organisation", "name"), name="one_team_of_a_name"),
        ),
        no_longer(watched("users", columns=OF_USERS, **USERS)),
        watched("users", columns=[*OF_USERS, "organisation_role"], **USERS),
        no_longer(watched("teams", columns=["name"], **TEAMS)),
        watched("teams", columns=["name", "organisation"], **TEAMS),
        no_longer(watched("teams_members", **MEMBERS)),
        watched("teams_members", changed="team_member_changed", columns=["role"], **MEMBERS),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
        migrations.RunSQL(MOVE, MOVE_NO_MORE),
    ]
