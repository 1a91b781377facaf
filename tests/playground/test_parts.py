"""Pictures and files in prompts and messages: uploaded, sent on every wire, stored by reference (api.md, "Parts")."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from typing import Any

import pytest

from foundation.database.threads import in_database_thread
from playground.models import PromptExecution
from providers.models import CatalogueModel
from tests.cast import Person
from tests.doors.browser import browser_of
from tests.playground.conftest import Ledger, MakeProvider
from tests.playground.media import big_png, data_url, pdf, png, some_png
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
