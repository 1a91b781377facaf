"""T03, T39: a person who is erased has gone: from the database, what is sealed in it, Valkey, files and logs."""

from __future__ import annotations

import asyncio
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.models import ForeignKey

from accounts.models import User
from audit.models import AuditEntry
from evaluation_app.models import ReviewLabel
from foundation.database.threads import in_database_thread
from playground.models import PromptExecution
from privacy.erasure.searching import places, search
from tests.faults.test_leaks import database_hits, found_in, valkey_hits
from tests.privacy.canary import CANARY, WORDS, Canary
from tests.servers.service import Service

KEPT_OF_NOBODY = {
    "audit_entries", "erasures", "template_versions", "template_label_requests", "template_label_moves",
    "template_splits", "evaluation_gate_overrides", "evaluation_gate_changes", "anomalies",
}  # fmt: skip
"""Tables in which rows of an erased person may stay, in places of others."""


def erased(user: User, *more: str) -> str:
    said = StringIO()
    call_command("erase_user", str(user.id), *more, stdout=said)
    return said.getvalue()


def found() -> set[str]:
    """Where the canary is: tables, valkey, files."""
    return {find.where if find.kind == "valkey" else find.kind for find in search(WORDS)}


async def test_t39_a_canary_search_finds_nothing_of_an_erased_person(
    service: Service, provider: str, capfd: pytest.CaptureFixture[str]
) -> None:
    canary = await in_database_thread(Canary, service.url, provider)
    await canary.write()
    before = await in_database_thread(found)
    assert before >= {
        "users", "api_tokens", "playground_sessions", "prompt_executions", "execution_comments", "execution_ratings",
        "prompt_templates", "template_versions", "template_imports", "evaluation_datasets", "evaluation_dataset_cases",
        "evaluation_dataset_versions", "review_queues", "review_labels", "review_raters", "adopted_answers",
        "template_label_requests", "evaluation_gate_overrides", "attachments", "file", "import_artifacts",
        "idempotency_keys", "django_admin_log", "axes_accessattempt",
    }, before  # fmt: skip
    said = await in_database_thread(erased, canary.user, "--no-export")
    assert "0 places still name them" in said
    assert [str(find) for find in await in_database_thread(lambda: list(search(WORDS)))] == []
    url = service.environment
    assert await asyncio.to_thread(lambda: list(database_hits(url["DATABASE_URL"], WORDS))) == []
    assert await valkey_hits(url["REDIS_URL"], WORDS) == []
    assert found_in("".join(capfd.readouterr()).encode(), "the log", WORDS) == []
    await in_database_thread(what_others_have_is_there, canary)


def what_others_have_is_there(canary: Canary) -> None:
    assert PromptExecution.objects.filter(id=canary.theirs).exists()
    assert not PromptExecution.objects.filter(id=canary.mine_there).exists()
    label = ReviewLabel.objects.get(id=canary.label.id)
    assert (label.passed, label.comment, label.corrected, label.rater.user) == (True, "", "", None)
    left = set()
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            is_theirs = isinstance(field, ForeignKey) and field.related_model is User
            if is_theirs and model._default_manager.filter(**{field.attname: canary.user.id}).exists():
                left.add(model._meta.db_table)
    assert left <= KEPT_OF_NOBODY
    user = User.objects.get(id=canary.user.id)
    assert (user.name, user.email, user.is_active, user.has_usable_password()) == ("", "", False, False)
    assert AuditEntry.objects.filter(actor=canary.user.id).exists()


async def test_t39_the_search_finds_what_is_sealed_and_what_is_in_another_case(service: Service, provider: str) -> None:
    canary = await in_database_thread(Canary, service.url, provider)
    await canary.write()

    def kinds(word: str) -> set[str]:
        return {find.kind for find in search([word])}

    assert "prompt_executions" in await in_database_thread(kinds, CANARY.upper())
    assert {"valkey", "file"} <= await in_database_thread(kinds, CANARY)
    assert await in_database_thread(kinds, "no-such-word-anywhere-5c") == set()
    assert await in_database_thread(lambda: {place.name for place in places()} >= {"users", "valkey", "files"})


async def test_t03_the_person_is_out_at_once(service: Service, provider: str) -> None:
    canary = await in_database_thread(Canary, service.url, provider)
    assert (await canary.person.get("/api/auth/me")).status == 200
    await in_database_thread(erased, canary.user, "--no-export")

    async def status() -> Any:
        return (await canary.person.get("/api/auth/me")).status == 401

    from tests.waiting import until

    assert await until(status)
