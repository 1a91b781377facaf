"""Datasets made and read over REST."""

from __future__ import annotations

import uuid
from typing import Any

import aiohttp
import pytest

from tests.cast import Answer, Person
from tests.playground.conftest import author, make_provider, provider, stranger  # noqa: F401 - fixtures


def case(word: str, **more: Any) -> dict[str, Any]:
    """A case whose answer holds its word."""
    return {"input": {"word": word}, "expected_output": {"type": "contains", "keywords": [word]}, **more}


class Shelf:
    """What somebody does with datasets over REST."""

    def __init__(self, person: Person) -> None:
        self.person = person

    async def make(self, *cases: dict[str, Any], **more: Any) -> str:
        """A new dataset's id."""
        body = {"name": f"D {uuid.uuid4().hex[:8]}", "cases": list(cases), **more}
        made = await self.person.post("/api/datasets", body)
        assert made.status == 201, made.body
        return str(made.body["id"])

    async def cases(self, dataset: str, **query: Any) -> list[dict[str, Any]]:
        """All cases that the query asks for, page by page."""
        address: str | None = f"/api/datasets/{dataset}/cases?" + "&".join(f"{n}={v}" for n, v in query.items())
        found: list[dict[str, Any]] = []
        while address:
            page = await self.person.get(address)
            assert page.status == 200, page.body
            found += page.body["results"]
            address = page.body["next"] and "/api/" + page.body["next"].partition("/api/")[2]
        return found

    async def call(self, method: str, dataset: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        """One call below the dataset's address; the answer's body."""
        answer = await self.person.call(method, f"/api/datasets/{dataset}{path}", body)
        assert answer.status == status, answer.body
        return answer.body

    async def send(
        self, dataset: str, data: bytes, media_type: str = "application/octet-stream", **query: Any
    ) -> Answer:
        """A file for the dataset, as the body itself."""
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        path = f"/api/datasets/{dataset}/import?{asked}"
        return await self.person.call("POST", path, data=data, headers={"Content-Type": media_type})

    async def upload(self, path: str, data: bytes, name: str) -> tuple[int, Any]:
        """A file of a form."""
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("file", data, filename=name, content_type="application/octet-stream")
        async with (
            aiohttp.ClientSession() as client,
            client.post(self.person.url + path, data=form, headers=self.person.headers) as response,
        ):
            return response.status, await response.json(content_type=None)

    async def export(self, dataset: str, **query: Any) -> bytes:
        """A file of the dataset."""
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        address = f"{self.person.url}/api/datasets/{dataset}/export?{asked}"
        async with aiohttp.ClientSession() as client, client.get(address, headers=self.person.headers) as response:
            assert response.status == 200, await response.text()
            return await response.read()


@pytest.fixture
def shelf(author: Person) -> Shelf:  # noqa: F811
    """The author's."""
    return Shelf(author)
