"""Authors and their templates."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.cast import Person
from tests.playground.conftest import anonymous, author, ledger, make_provider, provider, stranger

__all__ = ["anonymous", "author", "ledger", "make_provider", "provider", "stranger"]

MakeTemplate = Callable[..., Awaitable[dict[str, Any]]]
BODY = {
    "name": "Welcome",
    "category": "Writing",
    "description": "Greets somebody",
    "prompt": "Greet {{name}} in {{language}}.",
    "tags": ["greeting"],
}


@pytest.fixture
def make_template(author: Person) -> MakeTemplate:
    """Makes a template of the author's over the API."""

    async def make(person: Person | None = None, **fields: Any) -> dict[str, Any]:
        answer = await (person or author).post("/api/templates", {**BODY, **fields})
        assert answer.status == 201, answer.body
        return dict(answer.body)

    return make
