"""Large exports: made in the background once, taken over from the dead, sealed at rest, gone after a day."""

from __future__ import annotations

import io
import json
import os
import signal
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pyarrow.parquet
import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from foundation.database.threads import in_database_thread
from foundation.sealing import frames
from foundation.sealing.encryption import CannotDecrypt
from history.api.export import STREAMED_UP_TO
from history.artifacts import lifecycle
from history.artifacts.making import make
from history.artifacts.ordering import ring
from history.artifacts.sweeping import REMEMBERED, sweep
from history.models import ExportArtifact
from sessions_app.models import PlaygroundSession
from tests.cast import Person
from tests.history.stored import a_session, an_execution, download, many_executions, user_of
from tests.servers.embedded import EmbeddedServers
from tests.servers.service import Service
from tests.waiting import until

ROWS = STREAMED_UP_TO + 1


def stored() -> set[str]:
    """Names of the files that the storage holds."""
    folder = Path(settings.DATA_DIR) / "artifacts" / "exports"
    return {path.name for path in folder.glob("*")}


@pytest.fixture(autouse=True)
def no_files_before_and_after() -> Iterator[None]:
    """The storage is not put back with the database."""
    remove_all()
    yield
    remove_all()


def remove_all() -> None:
    """Whatever any test has left there."""
    for name in stored():
        default_storage.delete(f"exports/{name}")


def a_large_session(author: Person) -> PlaygroundSession:
    """One row more than is streamed."""
    session = a_session(author, name="Large")
    many_executions(session, ROWS)
    return session


def an_artifact(author: Person, session: PlaygroundSession, **fields: Any) -> ExportArtifact:
    """An artifact's row; no worker has been told."""
    now = timezone.now()
    given: dict[str, Any] = {"format": "jsonl", "rows_total": 1, "expires_at": now + timedelta(days=1), **fields}
    return ExportArtifact.objects.create(session=session, user=user_of(author), **given)


def a_made_artifact(author: Person) -> ExportArtifact:
    """A small export, made."""
    session = a_session(author)
    an_execution(session)
    artifact = an_artifact(author, session)
    make(artifact.id)
    artifact.refresh_from_db()
    return artifact


def spoil(artifact: ExportArtifact) -> None:
    """Changes the last byte of the file where it lies."""
    path = Path(default_storage.path(artifact.storage_name))
    path.write_bytes(path.read_bytes()[:-1] + b"x")


async def ordered(author: Person, session: PlaygroundSession, format_name: str) -> str:
    """The address of a new artifact."""
    answer = await author.get(f"/api/sessions/{session.id}/export?format={format_name}")
    assert answer.status == 202, answer.body
    assert answer.body["status_url"] == f"/api/artifacts/{answer.body['artifact_id']}" == answer.headers["Location"]
    return str(answer.body["status_url"])


async def ended(author: Person, url: str) -> dict[str, Any]:
    """The artifact once it has ended."""

    async def look() -> dict[str, Any] | None:
        body = (await author.get(url)).body
        assert 0 <= body["progress"] <= 1
        return body if body["status"] in ("completed", "failed") else None

    return dict(await until(look))


async def test_a_large_export_is_made_in_the_background(author: Person, stranger: Person):
    session = await in_database_thread(a_large_session, author)
    url = await ordered(author, session, "parquet")
    artifact = await ended(author, url)
    assert (artifact["status"], artifact["progress"], artifact["error"]) == ("completed", 1.0, None)
    file = await download(author, artifact["download_url"])
    assert (file.status, len(file.content)) == (200, artifact["size"])
    assert file.headers["Content-Length"] == str(artifact["size"])
    assert file.headers["Content-Disposition"].startswith('attachment; filename="Large-')
    rows = pyarrow.parquet.read_table(io.BytesIO(file.content)).to_pylist()
    assert [row["prompt"] for row in rows] == [f"prompt {number}" for number in range(ROWS)]
    # T03: neither its state nor its file is there for somebody else, not even for one who sees the session.
    for path in (url, artifact["download_url"]):
        answer = await stranger.get(path)
        missing = await stranger.get(path.replace(url.rpartition("/")[2], str(uuid.uuid4())))
        assert (answer.status, answer.body["detail"]) == (404, missing.body["detail"])


async def test_a_text_is_sealed_where_it_lies(author: Person):
    def made() -> tuple[ExportArtifact, bytes]:
        session = a_session(author)
        an_execution(session, request={"prompt": "canary-in-a-file"})
        artifact = an_artifact(author, session)
        make(artifact.id)
        artifact.refresh_from_db()
        with default_storage.open(artifact.storage_name) as file:
            return artifact, file.read()

    artifact, content = await in_database_thread(made)
    assert artifact.status == "completed", artifact.error
    assert b"canary" not in content
    file = await download(author, f"/api/artifacts/{artifact.id}/download")
    assert json.loads(file.content)["prompt"] == "canary-in-a-file"


async def test_asking_twice_makes_one(author: Person):
    session = await in_database_thread(a_large_session, author)
    url = await ordered(author, session, "csv")
    again = await ordered(author, session, "csv")
    other = await ordered(author, session, "jsonl")
    assert other != url
    first, second = await ended(author, url), await ended(author, other)
    assert first["status"] == second["status"] == "completed"
    # The first may have been done before the second call came.
    assert again == url or (await ended(author, again))["status"] == "completed"


async def test_f17_a_task_that_comes_twice_is_harmless(author: Person):
    def twice() -> ExportArtifact:
        session = a_session(author)
        an_execution(session)
        artifact = an_artifact(author, session)
        held = lifecycle.claim(artifact.id, now=timezone.now())
        assert held is not None
        make(artifact.id)  # while another one is at it: nothing
        assert not stored()
        lifecycle.fail(held, reason="Made again below.")
        ExportArtifact.objects.filter(id=artifact.id).update(status="pending")
        make(artifact.id)
        make(artifact.id)  # after the end: nothing
        artifact.refresh_from_db()
        return artifact

    artifact = await in_database_thread(twice)
    assert artifact.status == "completed"
    assert {f"exports/{name}" for name in stored()} == {artifact.storage_name}


async def test_one_who_was_relieved_can_neither_renew_nor_complete(author: Person):
    def relieved() -> None:
        artifact = an_artifact(author, a_session(author))
        now = timezone.now()
        late = lifecycle.claim(artifact.id, now=now - 2 * lifecycle.LEASE)
        assert late is not None
        assert lifecycle.claim(artifact.id, now=now) is not None
        assert lifecycle.renew(late, rows_done=1, now=now) is None
        assert not lifecycle.complete(late, file=ExportArtifact(storage_name="x"), size=1, rows=1, now=now)
        assert not lifecycle.fail(late, reason="x")
        artifact.refresh_from_db()
        assert (artifact.status, artifact.storage_name) == ("running", "")

    await in_database_thread(relieved)


async def test_f16_a_dead_workers_artifact_is_taken_over(
    author: Person, service: Service, embedded_servers: EmbeddedServers
):
    session = await in_database_thread(a_large_session, author)
    with psycopg.connect(embedded_servers.database_url) as blocker:
        # Whoever makes the file now waits at its first row.
        blocker.execute("LOCK TABLE prompt_executions IN ACCESS EXCLUSIVE MODE")
        artifact = await in_database_thread(an_artifact, author, session, format="csv", rows_total=ROWS)
        url = f"/api/artifacts/{artifact.id}"
        await in_database_thread(ring, artifact.id)

        async def runs() -> bool:
            return bool((await author.get(url)).body["status"] == "running")

        await until(runs)
        for process in workers_children(service):
            process.send_signal(signal.SIGKILL)
        # The dead renew nothing: what is left of the lease need not be waited for.
        rows = ExportArtifact.objects.filter(id=artifact.id)
        await in_database_thread(rows.update, lease_expires_at=timezone.now())
        blocker.rollback()
    body = await ended(author, url)
    assert (body["status"], body["error"]) == ("completed", None)
    file = await download(author, body["download_url"])
    assert file.content.count(b"\r\n") == ROWS + 1


def workers_children(service: Service) -> list[psutil.Process]:
    """The processes in which the Celery worker's tasks run."""
    ours = [psutil.Process(process.pid) for process in service.background]
    (worker,) = [process for process in ours if "worker" in process.cmdline()]
    return list(worker.children())


async def test_f21_a_storage_that_refuses_ends_the_export_with_a_reason(
    author: Person, monkeypatch: pytest.MonkeyPatch
):
    def made() -> ExportArtifact:
        session = a_session(author)
        an_execution(session)
        artifact = an_artifact(author, session)
        folder = Path(settings.DATA_DIR) / "artifacts" / "exports"
        folder.parent.mkdir(exist_ok=True)
        folder.rename(folder.with_name("aside")) if folder.exists() else None
        folder.write_text("no folder")  # whatever is stored below it fails
        try:
            make(artifact.id)
        finally:
            folder.unlink()
            aside = folder.with_name("aside")
            aside.rename(folder) if aside.exists() else None
        artifact.refresh_from_db()
        return artifact

    monkeypatch.setattr("history.artifacts.making.PAUSES", (0.01, 0.01))
    artifact = await in_database_thread(made)
    assert artifact.status == "failed"
    answer = await author.get(f"/api/artifacts/{artifact.id}")
    assert "object store" in answer.body["error"]
    refused = await author.get(f"/api/artifacts/{artifact.id}/download")
    assert (refused.status, refused.body["code"]) == (409, "not_ready")


async def test_f21_a_file_that_is_lost_or_changed_is_told(author: Person):
    artifact = await in_database_thread(a_made_artifact, author)
    await in_database_thread(spoil, artifact)
    for _ in range(2):
        answer = await author.get(f"/api/artifacts/{artifact.id}/download")
        assert (answer.status, answer.body["code"]) == (410, "lost")
        await in_database_thread(default_storage.delete, artifact.storage_name)


async def test_links_expire_and_what_is_left_is_swept(author: Person):
    artifact = await in_database_thread(a_made_artifact, author)
    assert timedelta(hours=23) < artifact.expires_at - timezone.now() <= timedelta(hours=24)
    stray = default_storage.save(f"exports/{uuid.uuid4()}-{uuid.uuid4().hex}", io.BytesIO(b"x"))
    # For an hour it may be one that is being stored.
    assert await in_database_thread(sweep, now=timezone.now()) == 0
    assert {f"exports/{name}" for name in stored()} == {artifact.storage_name, stray}
    assert await in_database_thread(sweep, now=timezone.now() + timedelta(hours=2)) == 1
    assert {f"exports/{name}" for name in stored()} == {artifact.storage_name}
    later = artifact.expires_at + timedelta(seconds=1)
    assert await in_database_thread(sweep, now=later) == 1
    assert not stored()
    await in_database_thread(ExportArtifact.objects.filter(id=artifact.id).update, expires_at=timezone.now())
    answer = await author.get(f"/api/artifacts/{artifact.id}/download")
    assert (answer.status, answer.body["code"]) == (410, "expired")
    assert (await author.get(f"/api/artifacts/{artifact.id}")).body["download_url"] is None
    await in_database_thread(sweep, now=timezone.now() + REMEMBERED + timedelta(seconds=1))
    assert (await author.get(f"/api/artifacts/{artifact.id}")).status == 404


async def test_a_file_that_cannot_be_removed_keeps_no_other(author: Person, monkeypatch: pytest.MonkeyPatch):
    kept, removed = [await in_database_thread(a_made_artifact, author) for _ in range(2)]
    stray = default_storage.save(f"exports/{uuid.uuid4()}-{uuid.uuid4().hex}", io.BytesIO(b"x"))
    later = timezone.now() + timedelta(hours=25)
    delete = default_storage.delete

    def refuses_one(name: str) -> None:
        if name == kept.storage_name:
            raise PermissionError(name)
        delete(name)

    monkeypatch.setattr(default_storage, "delete", refuses_one)
    assert await in_database_thread(sweep, now=later) == 2
    assert {f"exports/{name}" for name in stored()} == {kept.storage_name}
    assert stray != removed.storage_name
    monkeypatch.undo()
    assert await in_database_thread(sweep, now=later) == 1
    assert not stored()


async def test_what_nobody_could_finish_has_failed(author: Person):
    def given_up() -> ExportArtifact:
        now = timezone.now()
        begun = now - lifecycle.PATIENCE - timedelta(seconds=1)
        artifact = an_artifact(author, a_session(author), created_at=begun)
        sweep(now=now)
        artifact.refresh_from_db()
        return artifact

    artifact = await in_database_thread(given_up)
    assert (artifact.status, bool(artifact.error)) == ("failed", True)


async def test_t03_an_artifact_goes_with_the_right_to_its_session(author: Person):
    session = await in_database_thread(a_session, author)
    artifact = await in_database_thread(an_artifact, author, session)
    assert (await author.get(f"/api/artifacts/{artifact.id}")).status == 200
    await in_database_thread(PlaygroundSession.objects.filter(id=session.id).update, deleted_at=timezone.now())
    assert (await author.get(f"/api/artifacts/{artifact.id}")).status == 404

    async def has_failed() -> bool:
        # The service's own worker may be at it already.
        await in_database_thread(make, artifact.id)
        await in_database_thread(artifact.refresh_from_db)
        return artifact.status == "failed"

    await until(has_failed, why=lambda: artifact.status)


async def test_nobody_fills_the_queue(author: Person):
    session = await in_database_thread(a_large_session, author)
    future = timezone.now() + timedelta(minutes=5)
    for number in range(5):
        await in_database_thread(
            an_artifact, author, session, status="running", lease_expires_at=future, filters={"status": str(number)}
        )
    answer = await author.get(f"/api/sessions/{session.id}/export?format=csv")
    assert (answer.status, answer.body["code"]) == (429, "too_many_exports")


@given(st.lists(st.binary(max_size=1000), max_size=20), st.integers(min_value=1, max_value=700))
@hypothesis_settings(max_examples=50)
def test_frames_open_to_what_was_sealed_and_to_nothing_else(chunks: list[bytes], cut: int):
    key = uuid.uuid4()
    file = b"".join(frames.sealed(chunks, place=str(key)))
    assert b"".join(frames.opened(io.BytesIO(file), place=str(key))) == b"".join(chunks)
    with pytest.raises(CannotDecrypt):
        list(frames.opened(io.BytesIO(file[: -min(cut, len(file))]), place=str(key)))
    with pytest.raises(CannotDecrypt):
        list(frames.opened(io.BytesIO(file), place=str(uuid.uuid4())))


def test_frames_cannot_be_left_out_or_exchanged():
    key, text = uuid.uuid4(), os.urandom(3 * frames.FRAME)
    first, second, last = frames.sealed([text], place=str(key))
    assert b"".join(frames.opened(io.BytesIO(first + second + last), place=str(key))) == text
    for wrong in (first + second, second + first + last, first + last, last, b""):
        with pytest.raises(CannotDecrypt):
            list(frames.opened(io.BytesIO(wrong), place=str(key)))
