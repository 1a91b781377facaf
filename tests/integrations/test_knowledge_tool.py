"""The tool `search_knowledge_base`: what a model reads of the project's documents, and of a service that is away."""

from __future__ import annotations

from typing import Any

import pytest

from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.integrations.test_knowledge import connected, knowledge
from tests.playground.conftest import MakeProvider
from tests.playground.tools.test_rounds import script
from tests.servers.knowledge_service import KnowledgeService
from tests.servers.service import Web

__all__ = ["connected", "knowledge"]

TOOL = "search_knowledge_base"


async def asked(author: Person, web: Web, slug: str) -> dict[str, Any]:
    """The call of an execution whose model searches once."""
    prompt = script([[TOOL, {"query": "batteries", "limit": 2}]])
    answer = await author.at(web.url).execute(f"{slug}/tool-script", prompt, tools=[TOOL])
    assert answer.status == 200, answer.body
    (call,) = answer.body["tool_executions"]
    return dict(call)


@pytest.fixture
async def slug(make_provider: MakeProvider) -> str:
    """A provider whose model calls tools."""
    return await in_database_thread(make_provider)


async def test_a_model_searches_as_the_one_who_runs_it(
    author: Person, connected: Web, knowledge: KnowledgeService, slug: str
):
    call = await asked(author, connected, slug)
    assert call["status"] == "completed"
    first, second = call["result"]["documents"]
    assert (first["name"], first["passages"]) == ("Report 0.pdf", ["Chapter 0: all about lead batteries."])
    assert second["id"] == "doc-1"
    (headers,) = knowledge.asked
    assert author.user is not None
    assert headers["user-id"] == str(author.user.id)
    assert headers["authorization"] == "Bearer ours.for.services"


async def test_f09_a_service_that_is_away_is_an_error_to_the_model(
    author: Person, connected: Web, knowledge: KnowledgeService, slug: str
):
    await knowledge.stop()
    call = await asked(author, connected, slug)
    assert call["status"] == "failed"
    assert call["error"] == "The Knowledge Service does not answer."


async def test_without_a_service_it_is_listed_and_cannot_be_used(author: Person):
    listed = (await author.get("/api/tools")).body["results"]
    (tool,) = [each for each in listed if each["name"] == TOOL]
    assert (tool["is_available"], tool["unavailable_reason"]) == (False, "No Knowledge Service is configured.")
    tried = (await author.post(f"/api/tools/{TOOL}/test", {"parameters": {"query": "x"}})).body
    assert (tried["status"], tried["error"]) == ("failed", "No Knowledge Service is configured.")
