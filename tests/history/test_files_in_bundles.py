"""A session's JSON export carries the files that its runs were sent, and an import takes them in as one's own."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import uuid
from typing import Any

import aiohttp
import pytest
from django.core.files.storage import default_storage

from foundation.database.threads import in_database_thread
from history.export import bundle as bundles
from history.export.bundle import write
from history.export.files import entries
from playground.attachments.uses import note_uses
from playground.models import Attachment, AttachmentUse, PromptExecution
from sessions_app.models import PlaygroundSession
from tests.cast import Person
from tests.doors.conftest import BrowserOf, browser_of
from tests.history.stored import a_session, an_execution, user_of
from tests.history.test_large_imports import ended
from tests.playground.media import pdf, png, some_png
from tests.playground.uploads import content, uploaded, with_image

__all__ = ["browser_of"]

IMPORT = "/api/sessions/import"


async def a_bundle_with(author: Person, provider: str, data: bytes) -> tuple[str, dict[str, Any]]:
    """A session with one run that was sent the file, exported: the file's id, and the bundle."""
    session = await in_database_thread(PlaygroundSession.objects.create, user=author.user, name="Out")
    artifact = await uploaded(author, data)
    ran = await author.execute(f"{provider}/echo", with_image(artifact), session_id=str(session.id))
    assert ran.status == 200, ran.body
    answer = await author.get(f"/api/sessions/{session.id}/export?format=json")
    return artifact, answer.body


async def count() -> list[int]:
    """Sessions, executions and files that are kept."""
    models = (PlaygroundSession, PromptExecution, Attachment)
    return await in_database_thread(lambda: [model.objects.count() for model in models])


async def test_files_come_along_as_the_importers_own(author: Person, stranger: Person, provider: str) -> None:
    picture = some_png()
    artifact, bundle = await a_bundle_with(author, provider, picture)
    (entry,) = bundle["attachments"]
    assert (entry["artifact_id"], entry["media_type"], entry["bytes"]) == (artifact, "image/png", len(picture))
    assert base64.b64decode(entry["data"]) == picture
    # What the bundle says of the file is not believed.
    lying = copy.deepcopy(bundle)
    lying["attachments"][0] |= {"media_type": "application/x-sh", "bytes": 1, "name": "../../etc/passwd"}
    rehearsed = await stranger.post(f"{IMPORT}?dry_run=true", lying)
    assert (rehearsed.body["attachments"], rehearsed.body["notes"]) == (1, [])
    made = await stranger.post(IMPORT, lying)
    assert made.status == 201, made.body
    assert (made.body["attachments"], made.body["notes"]) == (1, [])
    (run,) = (await stranger.get(f"/api/sessions/{made.body['session']['id']}/history")).body["results"]
    new = run["prompt"][1]["artifact_id"]
    assert new != artifact
    status, data, headers = await content(stranger, new)
    assert (status, data, headers["Content-Type"]) == (200, picture, "image/png")
    assert (await content(stranger, artifact))[0] == 404
    # It stays as long as the run does, and goes on by replay and by another export.
    assert (await stranger.get(f"/api/artifacts/{new}")).body["expires_at"] is None
    again = await stranger.get(f"/api/sessions/{made.body['session']['id']}/export?format=json")
    assert again.body["attachments"][0]["data"] == entry["data"]
    mine = await author.post(IMPORT, bundle)
    (run,) = (await author.get(f"/api/sessions/{mine.body['session']['id']}/history")).body["results"]
    assert run["prompt"][1]["artifact_id"] == artifact


async def test_what_is_carried_lies_sealed(author: Person, stranger: Person, provider: str) -> None:
    picture = some_png()
    _, bundle = await a_bundle_with(author, provider, picture)
    assert (await stranger.post(IMPORT, bundle)).status == 201

    def stored() -> list[bytes]:
        rows = Attachment.objects.filter(user=user_of(stranger))
        return [default_storage.open(row.storage_name).read() for row in rows]

    (sealed,) = await in_database_thread(stored)
    assert picture not in sealed
    assert b"IHDR" not in sealed


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"data": "no base64!"}, "attachments.0.data", "invalid"),
        ({"data": base64.b64encode(png(3, 3)).decode()}, "attachments.0.data", "other_bytes"),
        ({"sha256": None}, "attachments.0.sha256", "null"),
        ({"sha256": "0" * 64}, "attachments.0.data", "other_bytes"),
        ({"more": 1}, "attachments.0.more", "unknown"),
        ({"artifact_id": "x"}, "attachments.0.artifact_id", "invalid"),
    ],
)
async def test_a_file_that_does_not_hold_is_named_and_nothing_is_written(
    author: Person, stranger: Person, provider: str, change: dict[str, Any], field: str, code: str
) -> None:
    _, bundle = await a_bundle_with(author, provider, some_png())
    bundle["attachments"][0] |= change
    before = await count()
    answer = await stranger.post(IMPORT, bundle)
    assert answer.status == 400
    assert [(each["field"], each["code"]) for each in answer.body["errors"]] == [(field, code)]
    assert await count() == before


async def test_bytes_that_are_no_file_are_refused(author: Person, stranger: Person, provider: str) -> None:
    _, bundle = await a_bundle_with(author, provider, some_png())
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"
    bundle["attachments"][0] |= {
        "data": base64.b64encode(svg).decode(),
        "sha256": hashlib.sha256(svg).hexdigest(),
    }
    before = await count()
    answer = await stranger.post(IMPORT, bundle)
    assert (answer.status, answer.body["errors"][0]["field"]) == (400, "attachments.0.data")
    assert await count() == before


async def test_a_file_that_nothing_names_is_not_taken(author: Person, stranger: Person, provider: str) -> None:
    _, bundle = await a_bundle_with(author, provider, some_png())
    bundle["executions"][0]["prompt"] = "no picture"
    answer = await stranger.post(IMPORT, bundle)
    assert (answer.status, answer.body["attachments"]) == (201, 0)
    assert await in_database_thread(Attachment.objects.filter(user=user_of(stranger)).count) == 0


async def test_what_is_lost_is_told_in_the_bundle_and_by_the_import(
    author: Person, stranger: Person, provider: str
) -> None:
    session = await in_database_thread(PlaygroundSession.objects.create, user=author.user, name="Out")
    artifact = await uploaded(author, some_png())
    await author.execute(f"{provider}/echo", with_image(artifact), session_id=str(session.id))
    row = await in_database_thread(Attachment.objects.get, id=artifact)
    await in_database_thread(default_storage.delete, row.storage_name)
    bundle = (await author.get(f"/api/sessions/{session.id}/export?format=json")).body
    (entry,) = bundle["attachments"]
    assert "data" not in entry
    assert "Upload it again" in entry["missing"]
    made = await stranger.post(IMPORT, bundle)
    assert made.status == 201
    (note,) = made.body["notes"]
    assert artifact in note
    assert "Upload it again" in note
    # An old bundle says nothing of files.
    del bundle["attachments"]
    old = await stranger.post(f"{IMPORT}?dry_run=true", bundle)
    assert (old.status, old.body["attachments"]) == (200, 0)
    assert "does not carry it" in old.body["notes"][0]


async def test_naming_a_file_gets_nobody_its_bytes(author: Person, stranger: Person, provider: str) -> None:
    artifact = await uploaded(author, some_png())

    def named() -> list[dict[str, Any]]:
        session = a_session(stranger)
        parts = [{"type": "image", "artifact_id": artifact}]
        an_execution(session, request={"prompt": "", "parts": parts})
        return list(entries(session.id, [uuid.UUID(artifact)], room=10**6))

    (entry,) = await in_database_thread(named)
    assert "data" not in entry
    session = await in_database_thread(PlaygroundSession.objects.filter(user=stranger.user).latest, "created_at")
    bundle = (await stranger.get(f"/api/sessions/{session.id}/export?format=json")).body
    assert "data" not in bundle["attachments"][0]


async def test_a_bundle_carries_what_an_import_takes(
    author: Person, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await in_database_thread(PlaygroundSession.objects.create, user=author.user, name="Out")
    files = [some_png(), pdf(1)]
    for data in files:
        artifact = await uploaded(author, data)
        kind = "file" if data.startswith(b"%PDF") else "image"
        parts = [{"type": "text", "text": "See"}, {"type": kind, "artifact_id": artifact}]
        assert (await author.execute(f"{provider}/echo", parts, session_id=str(session.id))).status == 200

    def written(room: int) -> dict[str, Any]:
        monkeypatch.setattr(bundles, "LARGEST_BUNDLE", room)
        uses = AttachmentUse.objects.filter(execution__session=session).values_list("attachment_id", flat=True)
        prompt = [{"type": "image", "artifact_id": str(key)} for key in uses]
        rows = [{"prompt": prompt, "messages": []}]
        return dict(json.loads(b"".join(write({"id": session.id}, rows))))

    whole = await in_database_thread(written, 20 * 2**20)
    assert ["data" in each for each in whole["attachments"]] == [True, True]
    less = await in_database_thread(written, 2_000)
    assert any("data" not in each for each in less["attachments"])
    assert all("up to 20 MB" in each["missing"] for each in less["attachments"] if "data" not in each)


async def test_the_page_takes_the_files_and_tells_what_is_missing(
    author: Person, stranger: Person, provider: str, browser_of: BrowserOf
) -> None:
    _, bundle = await a_bundle_with(author, provider, some_png())
    lost = str(uuid.uuid4())
    bundle["executions"][0]["prompt"].append({"type": "image", "artifact_id": lost})
    browser = await in_database_thread(browser_of, stranger)

    async def posted(**fields: str) -> str:
        form = aiohttp.FormData(fields)
        form.add_field("bundle", json.dumps(bundle).encode(), filename="out.json")
        return str((await browser.post("/sessions/import", form=form)).text)

    shown = await posted()
    assert "1 file" in shown
    assert lost in shown
    await posted(act="import")
    assert await in_database_thread(Attachment.objects.filter(user=user_of(stranger)).count) == 1


async def test_a_bundle_larger_than_other_bodies_comes_back(author: Person, stranger: Person, provider: str) -> None:
    text = b"A line of a long file.\n" * 300_000
    session = await in_database_thread(PlaygroundSession.objects.create, user=author.user, name="Out")
    artifact = await uploaded(author, text, "long.txt")
    parts = [{"type": "text", "text": "Read"}, {"type": "file", "artifact_id": artifact}]
    await in_database_thread(
        lambda: note_uses([an_execution(session, request={"prompt": "Read", "parts": parts})], of=user_of(author))
    )
    bundle = (await author.get(f"/api/sessions/{session.id}/export?format=json")).body
    assert len(bundle["attachments"][0]["data"]) > 9 * 10**6
    ordered = await stranger.post(IMPORT, bundle)
    assert ordered.status == 202
    assert (await ended(stranger, ordered.body["status_url"]))["status"] == "completed"
    assert await in_database_thread(Attachment.objects.filter(user=user_of(stranger)).count) == 1
    refused = await stranger.post("/api/sessions", {"name": "x", "description": "y" * 9 * 10**6})
    assert refused.status == 413
