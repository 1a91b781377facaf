"""How the people of the tests upload files, and what they ask with them."""

from __future__ import annotations

from typing import Any

import aiohttp

from tests.cast import CLOCK, Answer, Person


async def upload(person: Person, data: bytes, name: str = "picture.png", media_type: str = "image/png") -> Answer:
    """POST /api/artifacts."""
    form = aiohttp.FormData()
    form.add_field("file", data, filename=name, content_type=media_type)
    async with (
        aiohttp.ClientSession(timeout=CLOCK) as session,
        session.post(f"{person.url}/api/artifacts", data=form, headers=person.headers) as response,
    ):
        is_json = "json" in response.content_type
        return Answer(response.status, await response.json(content_type=None) if is_json else None, response.headers)


async def uploaded(person: Person, data: bytes, name: str = "picture.png") -> str:
    """The new artifact's id."""
    answer = await upload(person, data, name)
    assert answer.status == 201, answer.body
    return str(answer.body["artifact_id"])


async def content(person: Person, artifact_id: str) -> tuple[int, bytes, Any]:
    """GET /api/artifacts/{id}/content: status, bytes, headers."""
    async with (
        aiohttp.ClientSession(timeout=CLOCK) as session,
        session.get(f"{person.url}/api/artifacts/{artifact_id}/content", headers=person.headers) as response,
    ):
        return response.status, await response.read(), response.headers


def with_image(artifact_id: str, text: str = "What is this?") -> list[dict[str, Any]]:
    """A prompt with a picture."""
    return [{"type": "text", "text": text}, {"type": "image", "artifact_id": artifact_id, "media_type": "image/png"}]


async def sent(url: str, model: str) -> list[dict[str, Any]]:
    """The bodies that the simulator got for a model."""
    async with aiohttp.ClientSession() as session, session.get(f"{url}/requests") as response:
        return [each["body"] for each in await response.json() if each["body"].get("model") == model]
