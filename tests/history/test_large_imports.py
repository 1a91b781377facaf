"""Large imports: in the background, whole or not at all, once, from a file that is sealed and then removed."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from django.conf import settings
from django.utils import timezone

from foundation.database.threads import in_database_thread
from history.artifacts import lifecycle
from history.artifacts.sweeping import sweep
from history.importing.background import making, ordering
from history.importing.background.making import make
from history.importing.preparing import carry_out
from history.models import SessionImportArtifact
from history.tasks import make_import
from playground.models import PromptExecution
from sessions_app.models import PlaygroundSession
from tests.cast import Person
from tests.doors.conftest import BrowserOf, browser_of
from tests.history.stored import user_of
from tests.history.test_import import IMPORT, a_bundle, bundle_of, nothing_written
from tests.waiting import until

__all__ = ["browser_of"]


def a_large_bundle(size: int = 9_900_000, runs: int = 12) -> dict[str, Any]:
    """A bundle of so many bytes."""
    bundle = a_bundle(id=str(uuid.UUID(int=1)))
    (first,) = bundle["executions"]
    bundle["executions"] = [
        {**first, "id": str(uuid.UUID(int=number)), "prompt": f"canary {number}", "response": "é" * (size // runs // 2)}
        for number in range(1, runs + 1)
    ]
    return bundle


def files() -> list[Path]:
    """The files that the storage holds for imports."""
    return [path for path in (Path(settings.DATA_DIR) / "artifacts" / "imports").glob("*") if path.is_file()]


async def ended(person: Person, address: str) -> dict[str, Any]:
    """What the artifact says once it has ended."""

    async def told() -> dict[str, Any] | None:
        answer = await person.get(address)
        assert answer.status == 200, answer.body
        return answer.body if answer.body["status"] in ("completed", "failed") else None

    return dict(await until(told))


async def test_an_export_of_ten_megabytes_comes_back_in_the_background(author: Person, stranger: Person):
    body = a_large_bundle()
    answer = await author.post(IMPORT, body)
    assert answer.status == 202, answer.body
    address = answer.body["status_url"]
    assert answer.headers["Location"] == address == f"/api/artifacts/{answer.body['artifact_id']}"
    assert (await stranger.get(address)).status == 404
    told = await ended(author, address)
    assert (told["status"], told["progress"], told["format"]) == ("completed", 1.0, "llm-playground"), told
    (session,) = told["sessions"]
    back = await bundle_of(author, session["session_id"])
    assert [row["prompt"] for row in back["executions"]] == [row["prompt"] for row in body["executions"]]
    assert back["executions"][0]["response"] == body["executions"][0]["response"]
    await until(lambda: in_database_thread(lambda: not files()))
    assert not await in_database_thread(SessionImportArtifact.objects.exclude(storage_name="").exists)


async def test_over_five_thousand_runs_come_back_in_the_background(author: Person):
    bundle = a_bundle()
    bundle["executions"] *= 5_001
    answer = await author.post(f"{IMPORT}?dry_run=true", bundle)
    assert answer.status == 202
    told = await ended(author, answer.body["status_url"])
    assert (told["status"], told["dry_run"], told["sessions"][0]["executions"]) == ("completed", True, 5_001)
    assert await in_database_thread(nothing_written)
    answer = await author.post(IMPORT, bundle)
    told = await ended(author, answer.body["status_url"])
    session = await in_database_thread(PlaygroundSession.objects.get, id=told["sessions"][0]["session_id"])
    assert session.execution_count == 5_001


async def test_a_large_file_that_does_not_hold_names_the_places_and_writes_nothing(author: Person):
    body = a_large_bundle()
    body["executions"][3]["status"] = "pending"
    told = await ended(author, (await author.post(IMPORT, body)).body["status_url"])
    assert told["status"] == "failed"
    assert [each["field"] for each in told["faults"]] == ["executions.3.status"]
    cut = json.dumps(a_large_bundle()).encode()[:-5]
    answer = await author.post(IMPORT, data=cut)
    assert answer.status == 202
    told = await ended(author, answer.body["status_url"])
    assert (told["status"], "not JSON" in told["error"]) == ("failed", True)
    assert await in_database_thread(nothing_written)
    await until(lambda: in_database_thread(lambda: not files()))


def an_import(person: Person, body: Any = None, **fields: Any) -> SessionImportArtifact:
    """An import's row and file; no worker has been told, and none looks at it by itself."""
    data = json.dumps(body or a_bundle()).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ordering, "send_task", lambda *args, **more: True)
        made = ordering.order(user=user_of(person), pieces=[data], size=len(data), format_name="auto")
    SessionImportArtifact.objects.filter(id=made.id).update(**fields)
    made.refresh_from_db()
    return made


def test_a_file_at_rest_is_sealed(author: Person):
    made = an_import(author, a_bundle(prompt="canary-prompt"), status="running", lease_expires_at=later())
    (file,) = files()
    assert b"canary" not in file.read_bytes()
    make(made.id)  # somebody is at it
    assert nothing_written()
    SessionImportArtifact.objects.filter(id=made.id).delete()
    file.unlink()


def later() -> Any:
    """A lease that holds."""
    return timezone.now() + timedelta(minutes=5)


def test_it_is_imported_once_however_often_it_is_rung_for(author: Person):
    made = an_import(author)
    for _ in range(3):
        make_import(artifact_id=str(made.id))
    made.refresh_from_db()
    assert (made.status, PlaygroundSession.objects.count(), PromptExecution.objects.count()) == ("completed", 1, 1)
    assert (made.storage_name, files()) == ("", [])


def test_one_who_was_relieved_writes_nothing(author: Person, monkeypatch: pytest.MonkeyPatch):
    made = an_import(author)

    def slowly(*args: Any, **more: Any) -> Any:
        written = carry_out(*args, **more)
        # Its lease has run out and another one has taken it up.
        SessionImportArtifact.objects.filter(id=made.id).update(lease_expires_at=later(), attempts=2)
        return written

    monkeypatch.setattr(making, "carry_out", slowly)
    make(made.id)
    assert nothing_written()
    made.refresh_from_db()
    assert (made.status, made.storage_name != "") == ("running", True)
    monkeypatch.undo()
    # Its maker has died: the next one begins anew.
    SessionImportArtifact.objects.filter(id=made.id).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    assert made.id in lifecycle.waiting(now=timezone.now(), kind=SessionImportArtifact).values_list("id", flat=True)
    make(made.id)
    made.refresh_from_db()
    assert (made.status, PlaygroundSession.objects.count(), files()) == ("completed", 1, [])


def test_one_that_kills_its_makers_is_given_up(author: Person):
    dead = timezone.now() - timedelta(seconds=1)
    made = an_import(author, status="running", attempts=3, lease_expires_at=dead)
    sweep(now=timezone.now())
    made.refresh_from_db()
    assert (made.status, made.storage_name, files()) == ("failed", "", [])
    assert nothing_written()
    sweep(now=timezone.now() + timedelta(hours=25))
    assert not SessionImportArtifact.objects.exists()


async def test_nobody_fills_the_queue(author: Person):
    for _ in range(3):
        await in_database_thread(lambda: an_import(author, status="running", lease_expires_at=later()))
    refused = await author.post(IMPORT, a_large_bundle())
    assert (refused.status, refused.body["code"]) == (429, "too_many_imports")
    for file in await in_database_thread(files):
        file.unlink()


async def test_a_key_makes_two_large_imports_one(author: Person):
    body = a_large_bundle(21_000_000)
    headers = {"Idempotency-Key": "k"}
    answers = [await author.post(IMPORT, body, headers=headers) for _ in range(2)]
    assert [answer.status for answer in answers] == [202, 202]
    assert answers[0].body == answers[1].body
    other = await author.post(IMPORT, {**body, "executions": body["executions"][:-1]}, headers=headers)
    assert other.status == 422
    assert (await ended(author, answers[0].body["status_url"]))["status"] == "completed"


async def test_the_page_says_that_it_is_large_and_shows_how_far_it_is(author: Person, browser_of: BrowserOf):
    browser = await in_database_thread(browser_of, author)
    data = json.dumps(a_large_bundle()).encode()

    def form(**fields: str) -> Any:
        made = aiohttp.FormData(fields)
        made.add_field("bundle", data, filename="large.json", content_type="application/json")
        return made

    found = await browser.post("/sessions/import", form=form(), headers={"HX-Request": "true"})
    assert (found.status, "in the background" in found.text) == (200, True), found.text[:500]
    ordered = await browser.post("/sessions/import", form=form(act="import"))
    assert ordered.status == 302, ordered.text[:500]
    address = ordered.headers["Location"]

    async def shown() -> str:
        page = await browser.get(address)
        assert page.status == 200
        return page.text if "Imported, with" in page.text else ""

    page = await until(shown)
    session = await in_database_thread(lambda: PlaygroundSession.objects.get(name="From elsewhere"))
    assert f"/sessions/{session.id}" in page


PAGES = ["/sessions/import", "/templates/import", "/datasets/import", "/executions"]


@pytest.mark.parametrize("path", PAGES)
async def test_what_is_too_large_is_refused_on_the_page(author: Person, browser_of: BrowserOf, path: str):
    browser = await in_database_thread(browser_of, author)
    too_much = 201 * 2**20 if path == "/sessions/import" else 21 * 2**20

    def form() -> Any:
        made = aiohttp.FormData()
        made.add_field("file", b" " * too_much, filename="x.json")
        return made

    page = await browser.post(path, form=form(), headers={"Accept": "text/html"})
    assert (page.status, page.headers["Content-Type"].partition(";")[0]) == (413, "text/html")
    assert "is taken up to" in page.text
    part = await browser.post(path, form=form(), headers={"HX-Request": "true"})
    assert (part.status, part.headers["Content-Type"].partition(";")[0]) == (413, "text/plain")
