"""The Knowledge Service: found documents are bounded whatever comes, and each of its failures is one that is told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from pydantic import SecretStr

from foundation.database.threads import in_database_thread
from foundation.traces.context import taken, trace
from integrations.client import standing
from integrations.client.errors import ServiceAway, ServiceBroken, ServiceFailed, ServiceRefused
from integrations.knowledge_service import client
from integrations.knowledge_service.client import Found, search
from tests.cast import Person, new_user
from tests.servers.knowledge_service import GARBAGE, KnowledgeService
from tests.servers.service import Service, Web

USER = uuid4()
TOKEN = "Bearer aaaa.bbbb.cccc"


@pytest.fixture
async def knowledge(service: Service) -> AsyncIterator[KnowledgeService]:
    """A fake of its own for each test: its port is new, and so is what is known of how it stands."""
    fake = KnowledgeService()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def connected(running_service: Service, knowledge: KnowledgeService) -> AsyncIterator[Web]:
    """A web process that knows the fake and has a token of its own for it."""
    added = {"KNOWLEDGE_SERVICE_URL": knowledge.url, "SERVICE_TOKEN": "ours.for.services"}
    web = await asyncio.to_thread(Web, running_service.environment | added)
    yield web
    await asyncio.to_thread(web.stop)


async def found(knowledge: KnowledgeService, **changed: Any) -> list[Found]:
    return await search(
        knowledge.url, **{"query": "batteries", "limit": 3, "user_id": USER, "authorization": TOKEN, **changed}
    )


async def test_documents_are_found_as_the_caller(knowledge: KnowledgeService):
    first, *others = await found(knowledge)
    assert first == Found(
        id="doc-0",
        name="Report 0.pdf",
        description="About lead batteries",
        score=0.9,
        highlights=["…the lead batteries of report 0…"],
        chunks=["Chapter 0: all about lead batteries."],
    )
    assert len(others) == 2
    (asked,), (query,) = knowledge.asked, knowledge.queries
    assert (asked["authorization"], asked["user-id"]) == (TOKEN, str(USER))
    assert query == {"query": "batteries", "search_type": "hybrid", "similarity_threshold": "0.0", "limit": "3"}
    assert await found(knowledge, query="nothing of it") == []


async def test_it_is_told_the_trace_that_the_question_belongs_to(knowledge: KnowledgeService):
    here = trace.set(taken("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
    try:
        await found(knowledge)
    finally:
        trace.reset(here)
    await found(knowledge, query="reports")
    traced, untraced = knowledge.asked
    assert traced["traceparent"].startswith("00-0af7651916cd43dd8448eb211c80319c-")
    assert "traceparent" not in untraced


@pytest.mark.parametrize(
    ("mode", "kind", "told"),
    [
        ("broken", ServiceBroken, "The Knowledge Service answered with HTTP 500."),
        ("unauthorised", ServiceRefused, "The Knowledge Service did not accept your credentials."),
        ("redirecting", ServiceBroken, "The Knowledge Service answered with HTTP 302."),
        ("huge", ServiceBroken, "The Knowledge Service answered with something unreadable."),
        ("page", ServiceBroken, "The Knowledge Service answered with something unreadable."),
    ],
)
async def test_each_failure_has_its_error(knowledge: KnowledgeService, mode: Any, kind: type[ServiceFailed], told: str):
    knowledge.mode = mode
    with pytest.raises(kind) as raised:
        await found(knowledge)
    assert str(raised.value) == told
    assert len(knowledge.asked) == 1


@pytest.mark.parametrize("garbage", GARBAGE)
async def test_wrong_shapes_are_unreadable(knowledge: KnowledgeService, garbage: bytes):
    knowledge.mode, knowledge.garbage = "garbage", garbage
    with pytest.raises(ServiceBroken, match="something unreadable"):
        await found(knowledge)


async def test_odd_fields_are_cut_or_left_out(knowledge: KnowledgeService):
    knowledge.documents = [
        {"document": {"id": 7, "name": None, "description": "batteries " + "x" * 9_000}, "score": True,
         "relevanceScore": 0.5, "highlights": "one alone", "chunks": [{"text": "a\x00b"}, 5, None, {}, " "]},
        {"document": {"id": "d", "name": "n" * 999, "description": "batteries"}, "score": float(10**300),
         "highlights": ["x" * 9_999] * 9, "chunks": {"content": "c"}},
    ]  # fmt: skip
    odd, long = await found(knowledge)
    assert (odd.id, odd.name, len(odd.description), odd.score) == ("7", "7", 2_000, 0.5)
    assert (odd.highlights, odd.chunks) == (["one alone"], ["ab", "5"])
    assert (len(long.name), [len(each) for each in long.highlights], long.chunks) == (255, [4_000] * 5, ["c"])


async def test_a_read_is_tried_again_where_a_gateway_says_to_come_back(knowledge: KnowledgeService):
    knowledge.mode = "restarting"
    assert len(await found(knowledge)) == 3
    assert len(knowledge.asked) == 2


async def test_one_that_is_away_rests_and_comes_back(knowledge: KnowledgeService, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client, "PATIENCE", 0.2)
    monkeypatch.setattr(standing, "REST", 60.0)
    knowledge.mode = "slow"
    for _ in range(standing.FAILURES + 1):
        with pytest.raises(ServiceAway, match=r"The Knowledge Service does not answer\."):
            await found(knowledge)
    assert len(knowledge.asked) == standing.FAILURES  # the last time it was not asked
    assert await in_database_thread(standing.state_of, client.NAME) == standing.UNHEALTHY
    knowledge.renewed()
    monkeypatch.setattr(client, "PATIENCE", 5.0)
    standing.standing_of(client.NAME, knowledge.url)._rests_until = time.monotonic()  # its rest is over
    assert len(await found(knowledge)) == 3
    assert await in_database_thread(standing.state_of, client.NAME) == standing.HEALTHY


async def test_t31_our_token_goes_to_our_services_alone(knowledge: KnowledgeService, monkeypatch: pytest.MonkeyPatch):
    theirs = {"service_token": SecretStr("secret-of-ours"), "knowledge_service_url": "http://elsewhere:3003"}
    monkeypatch.setattr(settings, "ENV", settings.ENV.model_copy(update=theirs))
    await found(knowledge, authorization="")
    await found(knowledge, authorization="Bearer llmp_an-api-token-of-ours")
    assert ["authorization" in asked for asked in knowledge.asked] == [False, False]
    monkeypatch.setattr(settings, "ENV", settings.ENV.model_copy(update={"knowledge_service_url": knowledge.url}))
    await found(knowledge, authorization="")
    await found(knowledge)
    assert [asked["authorization"] for asked in knowledge.asked[2:]] == ["Bearer secret-of-ours", TOKEN]


async def test_it_is_a_door_of_the_api(connected: Web, knowledge: KnowledgeService, service: Service):
    person = Person(connected.url, await in_database_thread(new_user))
    answer = await person.get("/api/knowledge/search?query=batteries&limit=2")
    assert (answer.status, answer.body["available"], len(answer.body["results"])) == (200, True, 2)
    assert answer.body["results"][0]["name"] == "Report 0.pdf"
    assert knowledge.asked[0]["authorization"] == f"Bearer {person.token}"
    for wrong in ("", "?query=", "?query=x&limit=21", "?query=x&limit=0", "?query=x&url=y", f"?query={'x' * 1001}"):
        assert (await person.get(f"/api/knowledge/search{wrong}")).status == 400
    knowledge.mode = "broken"
    told = (await person.get("/api/knowledge/search?query=batteries")).body
    assert (told["available"], told["reason"]) == (False, "The Knowledge Service answered with HTTP 500.")
    health = (await person.get("/health")).body
    assert health["services"] == {
        "project_service": "not_configured",
        "knowledge_service": "unhealthy",
        "llm_service": "not_configured",
        "object_store": "not_configured",
        "event_manager": "not_configured",
    }


async def test_without_an_address_that_is_told(author: Person):
    answer = await author.get("/api/knowledge/search?query=x")
    assert (answer.status, answer.body["configured"]) == (200, False)
    assert "KNOWLEDGE_SERVICE_URL" in answer.body["reason"]
