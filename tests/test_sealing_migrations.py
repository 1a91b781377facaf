"""Columns that stood in clear are sealed by their migration, and stand in clear again when it is taken back."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from foundation.servers import addresses
from tests.servers.embedded import EmbeddedServers
from tests.test_moved_models import Old, sealed

CANARY = "canary-of-a-migration"
LAST_IN_CLEAR = (
    ("playground", "0006_engine_of_every_process"),
    ("sessions_app", "0003_no_way_up"),
    ("templates_app", "0002_last_model"),
)
BACK = f"""
from django.core.management import call_command
for app, migration in {LAST_IN_CLEAR!r}:
    call_command("migrate", app, migration, verbosity=0)
"""
READ = """
import json
from django.core.management import call_command
call_command("migrate", verbosity=0)
from accounts.models import User
from playground.models import PromptExecution
from sessions_app.models import PlaygroundSession
from templates_app.library import search
from templates_app.models import PromptTemplate, TemplateVersion
executions = PromptExecution.objects.order_by("created_at")
session, template = PlaygroundSession.objects.get(), PromptTemplate.objects.get()
print(json.dumps({
    "executions": [[each.parameters, each.error_message, each.metadata, each.notes] for each in executions],
    "session": [session.description, session.purpose, session.metadata],
    "template": [template.description, template.example, TemplateVersion.objects.get().note],
    "found": [search.found(PromptTemplate.objects.all(), words).count() for words in ("herons", "hero", "owls")],
}))
"""
USER, SESSION, TEMPLATE, VERSION, FIRST, SECOND = (uuid.uuid4() for _ in range(6))
PARAMETERS = {"stop_sequences": [CANARY], "temperature": 1e300}
METADATA = {"tags": ["t"], "provider": "p", "attempts": 1, "mine": CANARY}
NOTE = f"note {CANARY} \\ 'quoted' ä"


@pytest.fixture
def old(django_db_setup: None, embedded_servers: EmbeddedServers) -> Iterator[Old]:
    """A database as it was before anything of this was sealed, with a row of each kind."""
    with psycopg.connect(embedded_servers.database_url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS before_sealing")
        connection.execute("CREATE DATABASE before_sealing")
        before = Old(embedded_servers.database_url.removesuffix(addresses.DATABASE) + "before_sealing")
        before.run(BACK)
        with psycopg.connect(before.url) as inside:
            fill(before, inside)
        yield before
        connection.execute("DROP DATABASE before_sealing WITH (FORCE)")


def fill(old: Old, connection: psycopg.Connection) -> None:
    """One row of each kind, with the canary wherever somebody may write."""
    old.insert(connection, "users", id=USER, username="u")
    told = {"description": CANARY, "purpose": CANARY, "metadata": json.dumps({"a": CANARY})}
    old.insert(connection, "playground_sessions", id=SESSION, user_id=USER, name="S", tags=[], **told)
    described = {"description": f"About herons, {CANARY}", "example": json.dumps({"a": CANARY})}
    owned = {"owner_id": USER, "visibility": "private", "name": "T", "tags": []}
    old.insert(connection, "prompt_templates", id=TEMPLATE, **owned, **described)
    connection.execute(
        "UPDATE prompt_templates SET search = setweight(to_tsvector('english', name), 'A')"
        " || setweight(to_tsvector('english', description), 'C')"
    )
    content = sealed({"prompt": "x"}, "template_versions", VERSION, "sealed")
    version = {"template_id": TEMPLATE, "number": 1, "sealed": content, "note": NOTE, "author_id": USER}
    old.insert(connection, "template_versions", id=VERSION, **version)
    for key, columns in (
        (FIRST, {"parameters": json.dumps(PARAMETERS), "error_message": CANARY, "metadata": json.dumps(METADATA)}),
        (SECOND, {"metadata": json.dumps({"tags": "no list", "cached": False})}),
    ):
        request = sealed({"prompt": "x"}, "prompt_executions", key, "request")
        own = {"session_id": SESSION, "user_id": USER, "status": "completed", "request": request}
        moment = "2026-01-01" if key == FIRST else "2026-01-02"
        old.insert(connection, "prompt_executions", id=key, created_at=moment, **own, **columns)


def clear_text(url: str) -> list[str]:
    """Tables that hold the canary or a word of a description."""
    found = []
    with psycopg.connect(url) as connection:
        for table in ("playground_sessions", "prompt_templates", "template_versions", "prompt_executions"):
            rows = connection.execute(f"SELECT t::text FROM {table} t").fetchall()
            found += [table for (row,) in rows if CANARY in row or "heron" in row]
    return found


def test_what_stood_in_clear_is_sealed_and_back_again(old: Old) -> None:
    before = rows_of(old.url)
    assert len(clear_text(old.url)) == 4
    assert json.loads(old.run(READ)) == {
        "executions": [
            [PARAMETERS, CANARY, {"tags": ["t"], "provider": "p", "attempts": 1}, {"mine": CANARY}],
            [{}, "", {"cached": False}, {"tags": "no list"}],
        ],
        "session": [CANARY, CANARY, {"a": CANARY}],
        "template": [f"About herons, {CANARY}", {"a": CANARY}, NOTE],
        "found": [1, 1, 0],
    }
    assert clear_text(old.url) == []
    old.run(BACK)
    assert rows_of(old.url) == before


def rows_of(url: str) -> list[Any]:
    """The columns in question."""
    with psycopg.connect(url) as connection:
        return [
            connection.execute(statement).fetchall()
            for statement in (
                "SELECT parameters, error_message, metadata FROM prompt_executions ORDER BY created_at",
                "SELECT description, purpose, metadata FROM playground_sessions",
                "SELECT description, example, search FROM prompt_templates",
                "SELECT note FROM template_versions",
            )
        ]
