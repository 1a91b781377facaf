"""What is kept of pictures and files: sealed, for whom, how long, and where it goes along."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from foundation.database.threads import in_database_thread
from playground.attachments.sweeping import sweep
from playground.models import Attachment
from sessions_app.models import PlaygroundSession, SessionMember
from tests.cast import Person
from tests.playground.media import some_png
from tests.playground.uploads import content, uploaded, with_image


async def test_t03_a_file_is_its_owners_and_of_those_who_read_the_session(
    author: Person, stranger: Person, anonymous: Person, provider: str
):
    artifact = await uploaded(author, some_png())
    for path in (f"/api/artifacts/{artifact}", f"/api/artifacts/{artifact}/content"):
        assert (await author.get(path)).status == 200
        assert (await stranger.get(path)).status == 404
        assert (await anonymous.get(path)).status == 401
    refused = await stranger.execute(f"{provider}/echo", with_image(artifact))
    assert refused.status == 400
    assert refused.body["errors"][0]["field"] == "prompt.1.artifact_id"
    session = await in_database_thread(PlaygroundSession.objects.create, user=author.user, name="Shared")
    run = await author.execute(f"{provider}/echo", with_image(artifact), session_id=str(session.id))
    share = await author.call(
        "PUT",
        f"/api/sessions/{session.id}/share",
        {"members": [{"user_id": str(stranger.user.id), "role": "viewer"}]},  # type: ignore[union-attr]
    )
    assert share.status == 200
    assert (await content(stranger, artifact))[0] == 200
    again = await stranger.post(f"/api/executions/{run.body['id']}/replay", {})
    assert again.status == 201
    await in_database_thread(SessionMember.objects.filter(session=session).delete)
    # What they ran with it is theirs; the file goes with that.
    assert (await content(stranger, artifact))[0] == 200


async def test_the_bytes_are_sealed_in_the_storage(author: Person, provider: str):
    canary = f"canary-{uuid.uuid4().hex}".encode()
    await uploaded(author, canary, "notes.txt")
    folder = Path(settings.DATA_DIR) / "artifacts" / "attachments"
    stored = [path.read_bytes() for path in folder.iterdir()]
    assert stored
    assert not any(canary in each for each in stored)


async def test_a_fork_shows_the_picture_and_keeps_it(author: Person, provider: str):
    session = await in_database_thread(PlaygroundSession.objects.create, user=author.user, name="One")
    artifact = await uploaded(author, some_png())
    await author.execute(f"{provider}/echo", with_image(artifact), session_id=str(session.id))
    forked = await author.post(f"/api/sessions/{session.id}/fork", {})
    assert forked.status == 201
    await in_database_thread(PlaygroundSession.objects.filter(id=session.id).delete)
    await in_database_thread(sweep, now=timezone.now() + timedelta(days=2))
    assert (await content(author, artifact))[0] == 200


async def test_unused_files_go_and_those_of_a_removed_session(author: Person, provider: str):
    unused, used = await uploaded(author, some_png()), await uploaded(author, some_png())
    session = await in_database_thread(PlaygroundSession.objects.create, user=author.user, name="Gone")
    await author.execute(f"{provider}/echo", with_image(used), session_id=str(session.id))
    names = await in_database_thread(
        lambda: dict(Attachment.objects.filter(user=author.user).values_list("id", "storage_name"))
    )
    folder = Path(settings.DATA_DIR) / "artifacts"
    later = timezone.now() + timedelta(hours=25)
    await in_database_thread(sweep, now=later)
    assert (await content(author, unused))[0] == 404
    assert (await content(author, used))[0] == 200
    assert not (folder / names[uuid.UUID(unused)]).exists()
    await in_database_thread(PlaygroundSession.objects.filter(id=session.id).delete)
    await in_database_thread(sweep, now=later)
    assert (await content(author, used))[0] == 404
    assert not (folder / names[uuid.UUID(used)]).exists()


async def test_an_export_names_the_files_and_comes_back(author: Person, stranger: Person, provider: str):
    session = await in_database_thread(PlaygroundSession.objects.create, user=author.user, name="Out")
    artifact = await uploaded(author, some_png())
    prompt = with_image(artifact)
    await author.execute(f"{provider}/echo", prompt, session_id=str(session.id))
    bundle = (await author.get(f"/api/sessions/{session.id}/export?format=json")).body
    assert bundle["executions"][0]["prompt"] == prompt
    for format in ("csv", "jsonl", "markdown", "parquet", "openai-jsonl"):
        assert (await author.get(f"/api/sessions/{session.id}/export?format={format}")).status == 200
    mine = await author.post("/api/sessions/import", bundle)
    assert mine.status == 201, mine.body
    history = await author.get(f"/api/sessions/{mine.body['session']['id']}/history")
    assert history.body["results"][0]["prompt"] == prompt
    # Naming somebody else's artifact in a file gives nobody a right to it.
    del bundle["attachments"]
    theirs = await stranger.post("/api/sessions/import", bundle)
    assert theirs.status == 201
    assert (await content(stranger, artifact))[0] == 404
    forked = await stranger.post(f"/api/sessions/{theirs.body['session']['id']}/fork", {})
    assert forked.status == 201
    assert (await content(stranger, artifact))[0] == 404
