"""Pictures and files in prompts and messages: uploaded, sent on every wire, stored by reference (api.md, "Parts")."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
import uuid
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from django.conf import settings
from django.utils import timezone

from foundation.database.threads import in_database_thread
from playground.attachments.sweeping import sweep
from playground.models import Attachment, PromptExecution
from providers.models import CatalogueModel
from sessions_app.models import PlaygroundSession, SessionMember
from tests.cast import CLOCK, Person
from tests.doors.browser import browser_of
from tests.playground.conftest import Ledger, MakeProvider
from tests.playground.media import GIF, JPEG, WEBP, big_png, chunk, data_url, pdf, pdf_bomb, png, some_png
from tests.playground.uploads import content, sent, upload, uploaded, with_image
from tests.servers.service import Service


async def test_a_picture_is_uploaded_sent_and_seen_again(author: Person, provider: str, service: Service):
    picture = some_png()
    answer = await upload(author, picture)
    assert answer.status == 201
    told = answer.body
    assert (told["media_type"], told["bytes"]) == ("image/png", len(picture))
    assert told["sha256"] == hashlib.sha256(picture).hexdigest()
    assert told["expires_at"] is not None
    model = f"echo@{uuid.uuid4().hex[:8]}"
    prompt = with_image(told["artifact_id"])
    run = await author.execute(f"{provider}/{model}", prompt)
    assert run.status == 200
    assert run.body["prompt"] == prompt
    (body,) = await sent(service.simulator.url, model)
    assert body["messages"][-1]["content"] == [
        prompt[0],
        {"type": "image_url", "image_url": {"url": data_url(picture)}},
    ]
    facts = (await author.get(f"/api/artifacts/{told['artifact_id']}")).body
    assert facts["expires_at"] is None
    assert facts["sha256"] == told["sha256"]
    status, data, headers = await content(author, told["artifact_id"])
    assert (status, data) == (200, picture)
    assert headers["Content-Type"] == "image/png"
    assert headers["Content-Disposition"].startswith("attachment")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"].startswith("private")
    stored = await in_database_thread(PromptExecution.objects.get, id=run.body["id"])
    assert stored.request["parts"] == prompt
    assert base64.b64encode(picture).decode() not in str(stored.request)


def unpacks(parts: list[Any], kind: str) -> Any:
    """The one part of that type."""
    (found,) = [part for part in parts if part["type"] == kind]
    return found


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (png(), "image/png"),
        (JPEG, "image/jpeg"),
        (GIF, "image/gif"),
        (WEBP, "image/webp"),
        (pdf(), "application/pdf"),
        ("Grüße\n".encode(), "text/plain"),
    ],
)
async def test_what_is_taken_is_told_from_its_bytes(author: Person, data: bytes, media_type: str):
    answer = await upload(author, data, "a.exe", "application/octet-stream")
    assert (answer.status, answer.body["media_type"]) == (201, media_type)


def archive() -> bytes:
    """A ZIP."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("a.txt", "a")
    return packed.getvalue()


def huge_png() -> bytes:
    """A few bytes that a viewer would make 4 thousand million pixels of."""
    head = (65_535).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def animated_bomb() -> bytes:
    """A GIF of 60,000 frames."""
    head, frame = GIF[:19], GIF[19:-1]
    return head + frame * 60_000 + b";"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n and no more", "broken_file"),
        (png()[:-30], "broken_file"),
        (b"\xff\xd8\xff\xe0 no picture", "broken_file"),
        (b"GIF89a", "broken_file"),
        (b"%PDF-1.4 that ends at once", "broken_file"),
        (png() + archive(), "more_than_one_file"),
        (GIF + b"<script>alert(1)</script>", "more_than_one_file"),
        (JPEG + pdf(), "more_than_one_file"),
        (pdf() + archive(), "more_than_one_file"),
        (b"text\n%PDF-1.4\n", "more_than_one_file"),
        (huge_png(), "too_large_unpacked"),
        (animated_bomb(), "too_large_unpacked"),
        (pdf_bomb(), "too_large_unpacked"),
        (pdf(1).replace(b"/Count 1", b"/Count 999999"), "too_large_unpacked"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported_media_type"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><!-- --><svg/>", "unsupported_media_type"),
        (archive(), "unsupported_media_type"),
        (b"\x7fELF\0\0", "unsupported_media_type"),
        (b"nul \0 text", "unsupported_media_type"),
        (b"\xff\xfe\x00", "unsupported_media_type"),
    ],
)
async def test_what_is_not_taken_is_refused_and_nothing_is_written(author: Person, data: bytes, code: str):
    answer = await upload(author, data)
    assert answer.status == 400
    assert [(error["field"], error["code"]) for error in answer.body["errors"]] == [("file", code)]
    assert not await in_database_thread(Attachment.objects.filter(user=author.user).exists)


async def test_21_mb_are_refused_while_they_come(author: Person):
    async def pieces() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
        for _ in range(21):
            yield b"a" * 1_000_000

    headers = {**author.headers, "Content-Type": "multipart/form-data; boundary=b"}
    async with aiohttp.ClientSession(timeout=CLOCK) as session:
        try:
            async with session.post(f"{author.url}/api/artifacts", data=pieces(), headers=headers) as response:
                assert response.status == 413
                assert (await response.json(content_type=None))["code"] == "too_large"
        except aiohttp.ClientConnectionError:
            pass  # it was cut off in the middle of its body, which is the other way of saying so
    assert not await in_database_thread(Attachment.objects.filter(user=author.user).exists)


async def test_the_same_file_again_is_the_same_artifact(author: Person, stranger: Person):
    picture = some_png()
    first, second = await asyncio.gather(uploaded(author, picture), uploaded(author, picture))
    assert first == second == await uploaded(author, picture, "other.png")
    assert await uploaded(stranger, picture) != first


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


async def test_every_wire_is_sent_pictures_and_files(author: Person, make_provider: MakeProvider, service: Service):
    picture, paper, words = some_png(), pdf(note=uuid.uuid4().hex.encode()), f"words {uuid.uuid4().hex}".encode()
    ids = [
        await uploaded(author, data, name) for data, name in ((picture, "a.png"), (paper, "b.pdf"), (words, "c.txt"))
    ]
    image, document, text = (
        {"type": kind, "artifact_id": key} for kind, key in zip(("image", "file", "file"), ids, strict=True)
    )
    asked = {"type": "text", "text": "Read"}
    seen = {}
    for wire, parts in (
        ("openai", [image, document, text, asked]),
        ("anthropic", [image, document, text, asked]),
        ("ollama", [image, text, asked]),
    ):
        slug, model = await in_database_thread(make_provider, wire), f"echo@{uuid.uuid4().hex[:8]}"
        run = await author.execute(f"{slug}/{model}", messages=[{"role": "user", "content": parts}], prompt="go")
        assert run.status == 200, run.body
        (body,) = await sent(service.simulator.url, model)
        seen[wire] = body["messages"]
    told = seen["openai"][0]["content"]
    assert unpacks(told, "image_url")["image_url"]["url"] == data_url(picture)
    assert unpacks(told, "file")["file"] == {"filename": "b.pdf", "file_data": data_url(paper, "application/pdf")}
    assert next(part["text"] for part in told if part["type"] == "text") == f"File c.txt:\n\n{words.decode()}\n\n"
    told = seen["anthropic"][0]["content"]
    assert unpacks(told, "image")["source"]["data"] == base64.b64encode(picture).decode()
    first, second = [part for part in told if part["type"] == "document"]
    assert first["source"] == {
        "type": "base64",
        "media_type": "application/pdf",
        "data": base64.b64encode(paper).decode(),
    }
    assert second["source"] == {"type": "text", "media_type": "text/plain", "data": words.decode()}
    told = seen["ollama"][0]
    assert told["images"] == [base64.b64encode(picture).decode()]
    assert words.decode() in told["content"]
    slug = await in_database_thread(make_provider, "ollama")
    refused = await author.execute(f"{slug}/echo", [document, asked])
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "prompt.0")


async def test_a_model_that_cannot_see_is_sent_nothing_and_no_row_is_made(
    author: Person, provider: str, ledger: Ledger
):
    model = f"blind-{uuid.uuid4().hex[:8]}"
    blind = {"id": f"{provider}/{model}", "provider": provider, "overrides": {"capabilities": ["tools"]}}
    await in_database_thread(CatalogueModel.objects.create, **blind)
    for data, kind in ((some_png(), "image"), (pdf(), "file")):
        part = {"type": kind, "artifact_id": await uploaded(author, data)}
        refused = await author.execute(f"{provider}/{model}", [part])
        assert refused.status == 400
        assert [(error["field"], error["code"]) for error in refused.body["errors"]] == [("prompt.0", "not_supported")]
    words = {"type": "file", "artifact_id": await uploaded(author, b"only words", "w.txt")}
    assert (await author.execute(f"{provider}/{model}", [words])).status == 200
    assert len(await ledger.calls(model)) == 1
    assert await in_database_thread(PromptExecution.objects.filter(user=author.user).count) == 1


@pytest.mark.parametrize(
    ("wire", "fields", "refused"),
    [
        ("openai", {}, {"pdf_url"}),
        ("anthropic", {}, set()),
        ("ollama", {}, {"image_url", "pdf", "pdf_url"}),
        ("litellm", {"litellm_prefix": "ollama_chat"}, {"image_url", "pdf", "pdf_url"}),
        ("litellm", {"litellm_prefix": "hosted_vllm"}, {"pdf_url"}),
    ],
)
async def test_the_catalogue_says_which_parts_a_model_is_not_sent(
    author: Person, make_provider: MakeProvider, wire: str, fields: dict[str, Any], refused: set[str]
):
    slug = await in_database_thread(lambda: make_provider(wire, **fields))
    row = {"id": f"{slug}/some-model", "provider": slug, "overrides": {"note": "known"}}
    await in_database_thread(lambda: CatalogueModel.objects.create(**row))
    told = (await author.get(f"/api/models/{slug}/some-model")).body["refused_parts"]
    assert told.keys() == refused
    if "pdf" in refused:
        assert told["pdf"] == f"The provider of {slug}/some-model takes no PDFs."
        browser = await in_database_thread(browser_of, author)
        page = await browser.get(f"/parameters?model_id={slug}/some-model")
        assert told["pdf"] in page.text
        part = {"type": "file", "artifact_id": await uploaded(author, pdf())}
        answer = await author.execute(f"{slug}/some-model", [{"type": "text", "text": "Read."}, part])
        assert (answer.status, answer.body["errors"][0]["field"]) == (400, "prompt.1")


async def test_what_a_model_is_known_not_to_see_stands_in_the_catalogue(author: Person, make_provider: MakeProvider):
    slug = await in_database_thread(make_provider, "anthropic")
    blind = {"id": f"{slug}/blind", "provider": slug, "overrides": {"capabilities": ["tools"]}}
    await in_database_thread(CatalogueModel.objects.create, **blind)
    told = (await author.get(f"/api/models/{slug}/blind")).body["refused_parts"]
    assert told.keys() == {"image", "image_url", "pdf", "pdf_url"}
    assert told["pdf_url"] == f"{slug}/blind cannot read PDFs."


@pytest.mark.parametrize(
    ("part", "field"),
    [
        ({"type": "image"}, "prompt.0.artifact_id"),
        ({"type": "image", "artifact_id": "no id"}, "prompt.0.artifact_id"),
        ({"type": "image", "artifact_id": str(uuid.UUID(int=7))}, "prompt.0.artifact_id"),
        ({"type": "image", "artifact_id": str(uuid.UUID(int=7)), "data_url": "data:"}, "prompt.0.data_url"),
        ({"type": "image", "data_url": "data:image/png;base64,AAAA"}, "prompt.0.data_url"),
        ({"type": "image", "data_url": data_url(b"<svg/>", "image/svg+xml")}, "prompt.0.data_url"),
        ({"type": "file", "data_url": data_url(png())}, "prompt.0.type"),
        ({"type": "image", "data_url": data_url(png()), "media_type": "image/gif"}, "prompt.0.type"),
        ({"type": "image", "url": "https://example.com/a.png"}, "prompt.0.url"),
        ({"type": "image", "url": "http://169.254.169.254/"}, "prompt.0.url"),
        ({"type": "image", "artifact_id": str(uuid.UUID(int=7)), "path": "/etc/passwd"}, "prompt.0.path"),
        ({"type": "audio", "data": ""}, "prompt.0"),
        ("text", "prompt.0"),
    ],
)
async def test_a_part_that_does_not_hold_is_named(author: Person, provider: str, part: Any, field: str):
    refused = await author.execute(f"{provider}/echo", [part])
    assert refused.status == 400
    assert refused.body["errors"][0]["field"] == field
    assert not await in_database_thread(PromptExecution.objects.filter(user=author.user).exists)


async def test_a_picture_in_a_system_message_is_refused(author: Person, provider: str):
    message = {"role": "system", "content": [{"type": "image", "data_url": data_url(png())}]}
    refused = await author.execute(f"{provider}/echo", messages=[message])
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "messages.0.content.0")


async def test_too_much_in_one_call_is_refused(author: Person, provider: str):
    parts = [{"type": "image", "artifact_id": await uploaded(author, big_png(8_000_000))} for _ in range(3)]
    refused = await author.execute(f"{provider}/echo", parts)
    assert (refused.status, refused.body["errors"][0]["code"]) == (400, "too_large")


async def test_data_in_a_part_is_kept_by_reference(author: Person, provider: str):
    picture = some_png()
    prompt = [{"type": "image", "data_url": data_url(picture)}, {"type": "text", "text": "and words"}]
    run = await author.execute(f"{provider}/echo", prompt)
    part = run.body["prompt"][0]
    assert "data_url" not in part
    assert (await content(author, part["artifact_id"]))[1] == picture


async def test_equal_pictures_are_one_answer_in_the_cache_and_others_are_not(
    author: Person, provider: str, ledger: Ledger
):
    model, picture = f"echo@{uuid.uuid4().hex[:8]}", some_png()
    artifact = await uploaded(author, picture)
    more = {"parameters": {"cache": True}}
    await author.execute(f"{provider}/{model}", with_image(artifact), **more)
    from tests.waiting import until

    async def cached() -> bool:
        by_data = [with_image(artifact)[0], {"type": "image", "data_url": data_url(picture)}]
        body = (await author.execute(f"{provider}/{model}", by_data, **more)).body
        return bool(body["metadata"]["cached"])

    await until(cached)
    calls = len(await ledger.calls(model))
    other = await author.execute(f"{provider}/{model}", with_image(await uploaded(author, some_png())), **more)
    assert other.body["metadata"]["cached"] is False
    assert len(await ledger.calls(model)) == calls + 1


async def test_replay_continuation_and_comparison_send_the_picture_again(
    author: Person, provider: str, service: Service
):
    picture, model = some_png(), f"echo@{uuid.uuid4().hex[:8]}"
    artifact = await uploaded(author, picture)
    run = await author.execute(f"{provider}/{model}", with_image(artifact))
    assert (await author.post(f"/api/executions/{run.body['id']}/replay", {})).status == 201
    assert (await author.execute(f"{provider}/{model}", "And now?", parent_id=run.body["id"])).status == 200
    variants = [{"model_id": f"{provider}/{model}"}, {"model_id": f"{provider}/{model}", "parameters": {"seed": 1}}]
    compared = await author.post("/api/comparisons", {"prompt": with_image(artifact), "variants": variants})
    assert compared.status == 202
    from tests.waiting import until

    async def all_sent() -> list[Any]:
        bodies = await sent(service.simulator.url, model)
        return bodies if len(bodies) == 5 else []

    for body in await until(all_sent):
        assert data_url(picture) in json.dumps(body)


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


async def test_openais_own_image_parts_go_on_working(author: Person, provider: str, service: Service):
    model, url = f"echo@{uuid.uuid4().hex[:8]}", data_url(png())
    turn = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}
    run = await author.execute(f"{provider}/{model}", "Well?", messages=[turn])
    assert run.body["messages"] == [turn]
    (body,) = await sent(service.simulator.url, model)
    assert body["messages"][0] == turn


async def test_variables_are_filled_in_beside_a_picture(author: Person, provider: str):
    prompt = [{"type": "text", "text": "In {{tone}}:"}, {"type": "image", "data_url": data_url(png())}]
    run = await author.execute(f"{provider}/echo", prompt, variables={"tone": "German"})
    assert run.body["prompt"][0] == {"type": "text", "text": "In German:"}
    assert "In German:" in run.body["response"]


async def test_a_template_takes_pictures_along(author: Person, provider: str, service: Service):
    made = await author.post(
        "/api/templates", {"name": "See", "category": "a", "description": "b", "prompt": "Describe {{what}}."}
    )
    picture, model = some_png(), f"echo@{uuid.uuid4().hex[:8]}"
    body = {
        "model_id": f"{provider}/{model}",
        "template_id": made.body["id"],
        "variables": {"what": "this"},
        "attachments": [{"type": "image", "artifact_id": await uploaded(author, picture)}],
    }
    assert (await author.post("/api/prompts/execute", body)).status == 200
    (asked,) = await sent(service.simulator.url, model)
    image, text = asked["messages"][-1]["content"]
    assert (image["image_url"]["url"], text["text"]) == (data_url(picture), "Describe this.")


async def test_a_picture_is_the_value_of_a_templates_variable(
    author: Person, stranger: Person, provider: str, service: Service
):
    call = [{"role": "user", "content": "Look at {{photo}} now"}]
    variables = [{"name": "photo", "type": "image"}]
    body = {"name": "See", "category": "a", "description": "b", "messages": call, "variables": variables}
    made = await author.post("/api/templates", body)
    assert made.status == 201, made.body
    picture, model = some_png(), f"echo@{uuid.uuid4().hex[:8]}"
    artifact_id = await uploaded(author, picture)
    asked = {"model_id": f"{provider}/{model}", "template_id": made.body["id"]}
    for value in ({"artifact_id": artifact_id}, {"data_url": data_url(picture)}):
        run = await author.post("/api/prompts/execute", {**asked, "variables": {"photo": value}})
        assert run.status == 200, run.body
        (kept,) = [part for part in run.body["messages"][-1]["content"] if part["type"] == "image"]
        assert kept["artifact_id"] == artifact_id
    for sent_body in await sent(service.simulator.url, model):
        texts = [part.get("image_url", part.get("text")) for part in sent_body["messages"][-1]["content"]]
        assert texts == ["Look at ", {"url": data_url(picture)}, " now"]
    theirs = await uploaded(stranger, some_png())
    for value in ({"artifact_id": theirs}, {"data_url": "data:image/png;base64,AAAA"}):
        refused = await author.post("/api/prompts/execute", {**asked, "variables": {"photo": value}})
        assert refused.status == 400, refused.body
