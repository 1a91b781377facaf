"""Files that templates name: kept while the template is, seen by whoever may read it, and nobody's by being named."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from foundation.database.threads import in_database_thread
from playground.attachments.sweeping import sweep
from playground.models import Attachment, AttachmentInVersion
from templates_app.models import PromptTemplate
from tests.cast import Person
from tests.playground.media import some_png
from tests.playground.uploads import content, uploaded


def naming(artifact: str, place: str) -> dict[str, Any]:
    """A template whose turn, or whose variable's default, is the picture."""
    if place == "turn":
        parts = [{"type": "text", "text": "What is this?"}, {"type": "image", "artifact_id": artifact}]
        return {"messages": [{"role": "user", "content": parts}]}
    photo = {"name": "photo", "type": "image", "required": False, "default_value": {"artifact_id": artifact}}
    return {"messages": [{"role": "user", "content": "See {{photo}}"}], "variables": [photo]}


async def made(person: Person, artifact: str, place: str = "turn", **more: Any) -> dict[str, Any]:
    """The new template."""
    answer = await person.post(
        "/api/templates", {"name": "Sees", "category": "Tests", **naming(artifact, place), **more}
    )
    assert answer.status == 201, answer.body
    return dict(answer.body)


async def is_kept(artifact: str) -> bool:
    """Whether the sweep of the day after tomorrow leaves it."""
    await in_database_thread(sweep, now=timezone.now() + timedelta(days=2))
    return await in_database_thread(Attachment.objects.filter(id=artifact).exists)


@pytest.mark.parametrize("place", ["turn", "default"])
async def test_a_file_that_a_template_names_stays_and_is_seen_by_its_readers(
    author: Person, stranger: Person, provider: str, place: str
):
    artifact = await uploaded(author, some_png())
    template = await made(author, artifact, place)
    assert (await author.get(f"/api/artifacts/{artifact}")).body["expires_at"] is None
    assert await is_kept(artifact)
    assert (await content(stranger, artifact))[0] == 404
    assert (await author.call("PATCH", f"/api/templates/{template['id']}", {"is_public": True})).status == 200
    assert (await content(stranger, artifact))[0] == 200
    run = await stranger.post("/api/prompts/execute", {"model_id": f"{provider}/echo", "template_id": template["id"]})
    assert run.status == 200, run.body
    await in_database_thread(PromptTemplate.objects.filter(id=template["id"]).delete)
    # The stranger's run was sent it: now that is why it stays.
    assert await is_kept(artifact)
    assert (await content(stranger, artifact))[0] == 200


async def test_a_file_goes_with_the_last_template_that_names_it(author: Person):
    artifact = await uploaded(author, some_png())
    template = await made(author, artifact)
    changed = await author.call(
        "PATCH", f"/api/templates/{template['id']}", {"messages": [{"role": "user", "content": "No."}]}
    )
    assert changed.status == 200
    assert await is_kept(artifact), "version 1 can be restored"
    await in_database_thread(PromptTemplate.objects.filter(id=template["id"]).delete)
    assert not await is_kept(artifact)


async def test_naming_a_file_of_somebody_else_gives_no_right_to_it_and_keeps_nothing(author: Person, stranger: Person):
    artifact = await uploaded(author, some_png())
    await made(stranger, artifact)
    assert (await content(stranger, artifact))[0] == 404
    assert not await is_kept(artifact)


async def test_a_fork_keeps_the_file_when_the_original_is_gone(author: Person, stranger: Person):
    artifact = await uploaded(author, some_png())
    template = await made(author, artifact, is_public=True)
    fork = await stranger.post(f"/api/templates/{template['id']}/fork", {})
    assert fork.status == 201, fork.body
    await in_database_thread(PromptTemplate.objects.filter(id=template["id"]).delete)
    assert await is_kept(artifact)
    assert (await content(stranger, artifact))[0] == 200


async def test_versions_from_before_are_tied_by_the_migration(author: Person):
    artifact = await uploaded(author, some_png())
    await made(author, artifact, "default")
    migration = import_module("playground.migrations.0011_files_of_templates")

    def tied_again() -> int:
        AttachmentInVersion.objects.all().delete()
        migration.tie(apps, SimpleNamespace())
        return AttachmentInVersion.objects.filter(attachment_id=artifact).count()

    assert await in_database_thread(tied_again) == 1
