"""Pictures and files between their upload and the run: by address, with a key, lost, or in a storage that is away."""

from __future__ import annotations

import asyncio
import socket
import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.storage import default_storage

from foundation.database.threads import in_database_thread
from playground.models import Attachment, AttachmentUse, PromptExecution
from tests.cast import Person
from tests.playground.conftest import Ledger, MakeProvider
from tests.playground.media import data_url, some_png
from tests.playground.uploads import content, sent, uploaded, with_image
from tests.servers.service import Service

HOST = "files.example.com"


def by_address(url: str, **more: Any) -> list[dict[str, Any]]:
    return [{"type": "text", "text": "See"}, {"type": "image", "url": url, **more}]


async def at_another_web(service: Service, person: Person, **environment: str) -> Person:
    """The same person at a web process with this environment."""
    web = await asyncio.to_thread(service.start_web, **environment)
    return Person(web.url, person.user)


async def runs_of(person: Person) -> list[PromptExecution]:
    rows = PromptExecution.objects.filter(user=person.user).order_by("created_at")
    return await in_database_thread(lambda: list(rows))


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port at which nobody listens, as long as the test runs."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


async def test_an_address_of_an_allowed_host_is_passed_on_and_no_other(
    author: Person, make_provider: MakeProvider, service: Service, ledger: Ledger
):
    here = await at_another_web(service, author, PART_URL_HOSTS=f"other.example,{HOST}")
    url, model = f"https://{HOST}/a/photo.png?v=1", f"echo@{uuid.uuid4().hex[:8]}"
    openai = await in_database_thread(make_provider, "openai")
    anthropic = await in_database_thread(make_provider, "anthropic")
    for slug in (openai, anthropic):
        ran = await here.execute(f"{slug}/{model}", by_address(url))
        assert ran.status == 200, ran.body
        assert ran.body["prompt"] == by_address(url)
    first, second = await sent(service.simulator.url, model)
    assert first["messages"][-1]["content"][1] == {"type": "image_url", "image_url": {"url": url}}
    assert second["messages"][-1]["content"][1] == {"type": "image", "source": {"type": "url", "url": url}}
    before, other = len(await runs_of(author)), f"echo@{uuid.uuid4().hex[:8]}"
    for refused in (
        "https://elsewhere.example/photo.png",
        f"https://{HOST}.evil.example/photo.png",
        f"https://sub.{HOST}/photo.png",
        f"http://{HOST}/photo.png",
        f"https://user@{HOST}/photo.png",
        f"https://{HOST}:8443/photo.png",
        f"https://elsewhere.example/?{HOST}",
    ):
        answer = await here.execute(f"{openai}/{other}", by_address(refused))
        assert (answer.status, answer.body["errors"][0]["field"]) == (400, "prompt.1.url"), refused
    # Where the setting names nobody, nobody is allowed.
    assert (await author.execute(f"{openai}/{other}", by_address(url))).body["errors"][0]["code"] == "host_not_allowed"
    assert await ledger.calls(other) == []
    assert len(await runs_of(author)) == before


async def test_one_key_is_one_run_with_the_same_parts_and_none_with_others(
    author: Person, provider: str, ledger: Ledger
):
    model, key = f"tokens-8-every-30ms@{uuid.uuid4().hex[:8]}", uuid.uuid4().hex
    first, second = await uploaded(author, some_png()), await uploaded(author, some_png())
    prompt = with_image(first)
    answers = await asyncio.gather(*(author.execute(f"{provider}/{model}", prompt, key=key) for _ in range(6)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body["id"] for answer in answers}) == 1
    assert len(await ledger.calls(model)) == 1
    for other in (with_image(second), [*prompt, prompt[1]], prompt[::-1], [prompt[0]], prompt[0]["text"]):
        answer = await author.execute(f"{provider}/{model}", other, key=key)
        assert (answer.status, answer.body["code"]) == (422, "idempotency_key_reused"), other
    assert len(await ledger.calls(model)) == 1
    assert len(await runs_of(author)) == 1


async def test_a_file_whose_bytes_vanished_ends_the_run_before_anybody_is_asked(
    author: Person, provider: str, ledger: Ledger
):
    model, picture = f"echo@{uuid.uuid4().hex[:8]}", some_png()
    artifact = await uploaded(author, picture)
    row = await in_database_thread(Attachment.objects.get, id=artifact)
    await in_database_thread(default_storage.delete, row.storage_name)
    answer = await author.execute(f"{provider}/{model}", with_image(artifact))
    assert (answer.status, answer.body["code"]) == (503, "artifact_unavailable")
    assert "Upload it again" in answer.body["detail"]
    (run,) = await runs_of(author)
    assert (run.status, run.error_code, run.estimated_cost) == ("failed", "artifact_unavailable", Decimal(0))
    assert await ledger.calls(model) == []
    # Uploaded again it is the same artifact, and what failed can be replayed.
    assert await uploaded(author, picture) == artifact
    again = await author.post(f"/api/executions/{run.id}/replay", {})
    assert (again.status, again.body["status"]) == (201, "completed"), again.body
    assert len(await ledger.calls(model)) == 1


async def test_a_file_that_was_removed_before_the_run_is_named_and_no_row_is_made(
    author: Person, provider: str, ledger: Ledger
):
    model, artifact = f"echo@{uuid.uuid4().hex[:8]}", await uploaded(author, some_png())
    await in_database_thread(Attachment.objects.filter(id=artifact).delete)
    answer = await author.execute(f"{provider}/{model}", with_image(artifact))
    assert (answer.status, answer.body["errors"][0]["field"]) == (400, "prompt.1.artifact_id")
    assert await runs_of(author) == []
    assert await ledger.calls(model) == []


async def test_a_storage_that_is_away_fails_the_run_and_loses_nothing(
    author: Person, provider: str, service: Service, ledger: Ledger, closed_port: int
):
    model, picture = f"echo@{uuid.uuid4().hex[:8]}", some_png()
    artifact = await uploaded(author, picture)
    away = await at_another_web(
        service,
        author,
        MINIO_ENDPOINT=f"http://127.0.0.1:{closed_port}",
        MINIO_ACCESS_KEY="key",
        MINIO_SECRET_KEY="secret",
        AWS_MAX_ATTEMPTS="1",
    )
    answer = await away.execute(f"{provider}/{model}", with_image(artifact))
    assert (answer.status, answer.body["code"]) == (503, "artifact_unavailable")
    assert "object store is away" in answer.body["detail"]
    (run,) = await runs_of(author)
    assert (run.status, run.error_code) == ("failed", "artifact_unavailable")
    assert await ledger.calls(model) == []
    # What would have to be kept first is refused as a whole.
    refused = await away.execute(f"{provider}/{model}", [{"type": "image", "data_url": data_url(some_png())}])
    assert refused.status == 503
    assert "object store is away" in refused.body["detail"]
    assert len(await runs_of(author)) == 1
    # The request is kept with its file, which is there once the storage is.
    assert await in_database_thread(AttachmentUse.objects.filter(execution=run, attachment_id=artifact).exists)
    assert (await content(author, artifact))[:2] == (200, picture)
    again = await author.post(f"/api/executions/{run.id}/replay", {})
    assert (again.status, again.body["status"]) == (201, "completed"), again.body
    assert again.body["prompt"] == with_image(artifact)
