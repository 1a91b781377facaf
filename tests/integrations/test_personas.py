"""The LLM Service's personas: read in each shape they may have, and each failure told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings

from foundation.database.threads import in_database_thread
from integrations.client.errors import ServiceBroken, ServiceFailed, ServiceRefused
from integrations.client.personas import Persona, personas_of
from integrations.llm_service.client import list_personas
from playground.pages.presentation.sources import presets
from playground.sources.personas import personas
from tests.servers.llm_service import GARBAGE, LLMService
from tests.servers.service import Service


@pytest.fixture
async def llm(service: Service) -> AsyncIterator[LLMService]:
    """A fake of its own for each test."""
    fake = LLMService()
    await fake.start()
    yield fake
    await fake.stop()


async def told(llm: LLMService) -> list[Persona]:
    return await list_personas(llm.url, user_id=uuid4(), authorization="Bearer a.b.c")


@pytest.mark.parametrize("shape", ["bare", "personas", "data", "below data"])
async def test_personas_come_in_any_of_these_shapes(llm: LLMService, shape: str):
    rows = ["Analyst", {"id": "p", "system_prompt": "Be strict."}, {"name": "X"}, {}, 7, None, {"name": ["y"]}]
    shapes = {"bare": rows, "personas": {"personas": rows}, "data": {"data": rows}}
    llm.personas = shapes.get(shape, {"data": {"personas": rows}})
    named = [Persona("Analyst", "You are Analyst."), Persona("p", "Be strict."), Persona("X", "You are X.")]
    assert await told(llm) == named


def test_personas_are_bounded():
    (long,) = personas_of([{"name": "n" * 999, "prompt": "p" * 99_999}])
    assert (len(long.name), len(long.prompt)) == (255, 8_000)
    assert len(personas_of([str(number) for number in range(999)])) == 50


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("broken", ServiceBroken), ("unauthorised", ServiceRefused), ("page", ServiceBroken), ("huge", ServiceBroken)],
)
async def test_each_failure_has_its_error(llm: LLMService, mode: Any, kind: type[ServiceFailed]):
    llm.mode = mode
    with pytest.raises(kind, match="The LLM Service"):
        await told(llm)


@pytest.mark.parametrize("garbage", GARBAGE)
async def test_wrong_shapes_are_unreadable(llm: LLMService, garbage: bytes):
    llm.mode, llm.garbage = "garbage", garbage
    with pytest.raises(ServiceBroken, match="something unreadable"):
        await told(llm)


async def test_they_are_kept_for_a_minute_and_a_failure_is_told(llm: LLMService, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(settings, "ENV", settings.ENV.model_copy(update={"llm_service_url": llm.url}))
    one, other = uuid4(), uuid4()
    for _ in range(2):
        found, reason = await in_database_thread(lambda: personas(user_id=one, authorization=""))
        assert ([each.name for each in found], reason) == (["Reviewer"], "")
    assert len(llm.asked) == 1
    assert presets(found) == [Persona("Reviewer", "You review { {work}}.")]
    llm.mode = "broken"
    assert await in_database_thread(lambda: personas(user_id=other, authorization="")) == (
        [],
        "The LLM Service answered with HTTP 500.",
    )
