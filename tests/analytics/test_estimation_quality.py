"""The cheapest model that did well enough in a test."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from providers.models import CatalogueModel
from tests.cast import Person
from tests.playground.conftest import author, make_provider, provider, stranger  # noqa: F401 - fixtures
from tests.waiting import until

DOOR = "/api/analytics/cost-estimation"
PRICES = {"echo": (2.0, 2.0), "tokens-8": (1.0, 1.0), "echo-2": (5.0, 5.0)}


@pytest.fixture
def models(provider: str) -> dict[str, str]:  # noqa: F811
    """Ids of three models with prices, by name."""
    for name, (given, taken) in PRICES.items():
        details = {"input_per_million": given, "output_per_million": taken}
        CatalogueModel.objects.create(
            id=f"{provider}/{name}", provider=provider, listed_at=timezone.now(), overrides=details
        )
    return {name: f"{provider}/{name}" for name in PRICES}


async def ended_test(person: Person, body: dict[str, Any]) -> str:
    """A test that ran to its end; gives its id."""
    given = {"word": "hi"} if "template_id" in body else {}
    case = {"input": given, "expected_output": {"type": "contains", "keywords": ["hi"]}}
    begun = await person.post(
        "/api/evaluation/probabilistic", {"name": "Q", "test_cases": [case], "parameters": {"runs": 3}, **body}
    )
    assert begun.status == 202, begun.body
    told: dict[str, Any] = {}

    async def ended() -> bool:
        nonlocal told
        told = (await person.get(f"/api/evaluation/{begun.body['id']}")).body
        return bool(told["status"] == "completed")

    await until(ended, why=lambda: str(told))
    return str(begun.body["id"])


async def test_the_cheapest_that_met_the_bar_in_a_test_is_marked(
    author: Person,  # noqa: F811
    stranger: Person,  # noqa: F811
    models: dict[str, str],
) -> None:
    made = await author.post(
        "/api/templates",
        {
            "name": "Q", "category": "c", "prompt": "Say {{word}}", "is_public": True,
            "variables": [{"name": "word", "type": "string"}],
        },
    )  # fmt: skip
    assert made.status == 201, made.body
    template = {"template_id": made.body["id"]}
    good = await ended_test(author, {**template, "model_id": models["echo"]})
    await ended_test(author, {**template, "model_id": models["tokens-8"]})
    asked = {**template, "variables": {"word": "hi"}, "models": [*models.values()], "output_tokens": 10}
    told = (await author.post(DOOR, asked)).body
    assert (told["cheapest"], told["cheapest_qualified"]) == (models["tokens-8"], models["echo"])
    by_model = {each["model_id"]: each for each in told["models"]}
    quality = by_model[models["echo"]]["quality"]
    assert (quality["test_id"], quality["success_rate"], quality["is_met"], quality["samples"]) == (good, 1, True, 3)
    assert quality["low"] < 0.9
    assert quality["is_sure"] is False
    assert by_model[models["tokens-8"]]["quality"]["is_met"] is False
    assert by_model[models["echo-2"]]["quality"] is None
    assert [each["cheapest_qualified"] for each in told["models"]] == [True, False, False]
    lower = (await author.post(DOOR, {**asked, "quality": {"minimum_rate": 0}})).body
    assert lower["cheapest_qualified"] == models["tokens-8"]
    # Whoever may not see the tests learns nothing of them.
    others = (await stranger.post(DOOR, asked)).body
    assert others["cheapest_qualified"] is None
    assert [each["quality"] for each in others["models"]] == [None, None, None]


async def test_a_prompt_is_known_by_its_very_text(author: Person, models: dict[str, str]) -> None:  # noqa: F811
    model = models["echo"]
    await ended_test(author, {"prompt": "Say hi", "model_id": model})
    told = (await author.post(DOOR, {"prompt": "Say hi", "model_id": model})).body
    assert told["cheapest_qualified"] == model
    for other in ({"prompt": "Say hi!"}, {"prompt": "Say hi", "system_prompt": "x"}):
        told = (await author.post(DOOR, {**other, "model_id": model})).body
        assert told["cheapest_qualified"] is None
    turns = [{"role": "user", "content": "Say hi"}]
    assert (await author.post(DOOR, {"messages": turns, "model_id": model})).body["cheapest_qualified"] is None
