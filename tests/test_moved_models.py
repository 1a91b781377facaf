"""A database that the tree before the house's present order has filled: it migrates, and all of it can be read."""

from __future__ import annotations

import json
import os
import subprocess
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from foundation.sealing.encryption import keyring
from foundation.sealing.fields import place_of
from foundation.servers import addresses
from foundation.supervisor import programs
from tests.servers.embedded import EmbeddedServers

BEFORE = """
from django.core.management import call_command
for app, migration in (
    ("playground", "0004_history_indexes"),
    ("sessions_app", "0002_sharing_and_exports"),
    ("templates_app", "0001_initial"),
):
    call_command("migrate", app, migration, verbosity=0)
"""
USER, SESSION, PROVIDER, TEMPLATE, VERSION, OLDER, NEWER, ARTIFACT = (uuid.uuid4() for _ in range(8))
DEMANDED = """
SELECT column_name, data_type FROM information_schema.columns
WHERE table_name = %s AND is_nullable = 'NO' AND column_default IS NULL AND is_generated = 'NEVER'
  AND is_identity = 'NO'
"""
EMPTY: dict[str, Any] = {
    **dict.fromkeys(("character varying", "text"), ""),
    **dict.fromkeys(("integer", "bigint", "smallint", "numeric"), 0),
    "boolean": False,
    "jsonb": "{}",
    "ARRAY": "{}",
    "bytea": b"",
    "uuid": None,
    "timestamp with time zone": "2026-01-01",
}
PERMIT = """
INSERT INTO users_user_permissions (user_id, permission_id)
SELECT %s, p.id FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id
WHERE t.app_label = 'playground' AND p.codename = 'change_provider'
"""
READ = """
import json
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from accounts.models import User
from history.models import ExportArtifact
from playground.models import PromptExecution
from providers.models import CatalogueModel, Provider
from templates_app.models import TemplateVersion
provider, model = Provider.objects.get(), CatalogueModel.objects.get()
executions = PromptExecution.objects.order_by("created_at")
user = User.objects.get()
print(json.dumps({
    "key": provider.key, "base_url": provider.base_url, "model": [model.id, model.overrides],
    "executions": [[each.request["prompt"], each.answer["response"], each.session.name] for each in executions],
    "artifact": [[each.format, each.session.name] for each in ExportArtifact.objects.all()],
    "last_model": TemplateVersion.objects.get().last_model_id,
    "may": sorted(user.get_all_permissions()),
    "types": ContentType.objects.filter(model__in=["provider", "cataloguemodel", "exportartifact"]).count(),
}))
"""


class Old:
    """A database at the state before the moves."""

    def __init__(self, url: str) -> None:
        self.url = url

    def run(self, code: str) -> str:
        """What Python prints that runs in the service's environment on this database; it must succeed."""
        ended = subprocess.run(
            [*programs.manage("shell", "--no-imports", "-c", code)],
            cwd=programs.ROOT,
            env={**os.environ, "DATABASE_URL": self.url},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def insert(self, connection: psycopg.Connection, table: str, **columns: Any) -> None:
        """One row; what the table demands beside is empty."""
        demanded = connection.execute(DEMANDED, [table]).fetchall()
        whole = {name: EMPTY[kind] for name, kind in demanded} | columns
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, whole)),
            sql.SQL(", ").join(sql.Placeholder() * len(whole)),
        )
        connection.execute(statement, list(whole.values()))


@pytest.fixture
def old(django_db_setup: None, embedded_servers: EmbeddedServers) -> Iterator[Old]:
    """Made by the migrations that were there then."""
    with psycopg.connect(embedded_servers.database_url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS before_the_moves")
        connection.execute("CREATE DATABASE before_the_moves")
        before = Old(embedded_servers.database_url.removesuffix(addresses.DATABASE) + "before_the_moves")
        before.run(BEFORE)
        yield before
        connection.execute("DROP DATABASE before_the_moves WITH (FORCE)")


def sealed(value: Any, table: str, key: uuid.UUID, column: str) -> bytes:
    """As the row's own cell."""
    return keyring().seal_json(value, place=place_of(table, key, column))


def fill(old: Old) -> None:
    """A row of everything that moves, and of what points at it."""
    key = {"api_key": "sk-kept", "address": "openai   https://models.example.org/v1"}
    with psycopg.connect(old.url) as connection:
        old.insert(connection, "users", id=USER, username="ann", is_active=True)
        connection.execute(PERMIT, [USER])
        old.insert(
            connection,
            "providers",
            id=PROVIDER,
            slug="mine",
            wire="openai",
            base_url="https://models.example.org/v1",
            credentials=sealed(key, "providers", PROVIDER, "credentials"),
        )
        old.insert(connection, "catalogue_models", id="mine/one", overrides='{"context_window": 9}')
        old.insert(connection, "playground_sessions", id=SESSION, name="Letters", user_id=USER)
        old.insert(connection, "prompt_templates", id=TEMPLATE, owner_id=USER, visibility="private")
        old.insert(
            connection,
            "template_versions",
            id=VERSION,
            template_id=TEMPLATE,
            number=1,
            sealed=sealed({}, "template_versions", VERSION, "sealed"),
        )
        for number, (execution, model) in enumerate([(OLDER, "mine/zero"), (NEWER, "mine/one")]):
            old.insert(
                connection,
                "prompt_executions",
                id=execution,
                session_id=SESSION,
                user_id=USER,
                model_id=model,
                status="completed",
                template_version_id=VERSION,
                request=sealed({"prompt": f"prompt {number}"}, "prompt_executions", execution, "request"),
                answer=sealed({"response": f"answer {number}"}, "prompt_executions", execution, "answer"),
                created_at=f"2026-01-0{number + 1}",
                ended_at=f"2026-01-0{number + 1}",
            )
        old.insert(
            connection,
            "export_artifacts",
            id=ARTIFACT,
            session_id=SESSION,
            user_id=USER,
            format="csv",
            status="completed",
        )


def test_a_database_filled_before_the_moves_migrates_reads_and_goes_back(old: Old) -> None:
    fill(old)
    assert json.loads(old.run(READ)) == {
        "key": "sk-kept",
        "base_url": "https://models.example.org/v1",
        "model": ["mine/one", {"context_window": 9}],
        "executions": [["prompt 0", "answer 0", "Letters"], ["prompt 1", "answer 1", "Letters"]],
        "artifact": [["csv", "Letters"]],
        "last_model": "mine/one",
        "may": ["providers.change_provider"],
        "types": 3,
    }
    old.run(BEFORE)
    with psycopg.connect(old.url) as connection:
        for table in ("providers", "catalogue_models", "export_artifacts"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (1,)
