"""What calls will cost, by the API."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from foundation.database.threads import in_database_thread
from playground.models import Origin, PromptExecution, Status
from providers.models import CatalogueModel, Provider
from sessions_app.models import PlaygroundSession
from templates_app.models import PromptTemplate
from tests.analytics.ledger import run
from tests.cast import Person, new_user
from tests.servers.service import Service

DOOR = "/api/analytics/cost-estimation"
PRICES = {"input_per_million": 2.0, "output_per_million": 10.0, "cache_read_per_million": 1.0}


class Office:
    """A person, and a provider whose models have prices of their own."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.person = Person(service.url, new_user())
        self.slug = f"p{uuid.uuid4().hex[:10]}"
        Provider.objects.create(slug=self.slug, name=self.slug, base_url="https://priced.example/v1")

    @property
    def user(self) -> User:
        assert self.person.user is not None
        return self.person.user

    def model(self, name: str, **details: Any) -> str:
        """A model of the catalogue; gives its id."""
        told = {**PRICES, "max_output_tokens": 4_000, "context_window": 100_000, **details}
        known = {key: value for key, value in told.items() if value is not None}
        model_id = f"{self.slug}/{name}"
        CatalogueModel.objects.create(id=model_id, provider=self.slug, listed_at=timezone.now(), details=known)
        return model_id

    def runs(self, model_id: str, lengths: list[int], *, of: User | None = None, **fields: Any) -> None:
        """Completed runs of today with answers of these lengths."""
        place = PlaygroundSession.objects.default_of(of or self.user)
        at = timezone.now() - timedelta(hours=3)
        for length in lengths:
            run(place, model_id, at.isoformat(), completion=length, **fields)

    async def ask(self, body: dict[str, Any], *, status: int = 200, by: Person | None = None) -> Any:
        """The door's answer."""
        answer = await (by or self.person).post(DOOR, body)
        assert answer.status == status, answer.body
        return answer.body


@pytest.fixture
def office(service: Service) -> Office:
    """Somebody who wants to know."""
    return Office(service)


async def test_an_input_is_counted_with_the_models_own_tokenizer(office: Office) -> None:
    model = await in_database_thread(office.model, "gpt-4o")
    prompt = "The quick brown fox jumps over the lazy dog."
    told = await office.ask({"model_id": model, "prompt": prompt, "output_tokens": 100})
    (found,) = told["models"]
    # 10 tokens of text, 1 for the role, 3 around the message and 3 before the answer.
    assert found["input"] == {
        "tokens": 17, "low": 17, "high": 17, "method": "tokenizer", "tokenizer": "o200k_base",
        "cache_read_share": 0, "cache_write_share": 0, "seen": None,
    }  # fmt: skip
    assert found["per_call"] == pytest.approx(dict.fromkeys(("low", "expected", "high"), 17 * 2e-6 + 100 * 1e-5))
    assert found["breakdown"] == pytest.approx({"input_cost": 17 * 2e-6, "output_cost": 100 * 1e-5})
    assert (found["range_method"], found["output"]["basis"]) == ("fixed", "given")


async def test_what_no_tokenizer_is_at_hand_for_is_an_estimate_with_a_range(office: Office) -> None:
    model = await in_database_thread(office.model, "unheard-of-7b")
    told = await office.ask({"model_id": model, "prompt": "Расторжение договора в письменном виде. " * 20})
    found = told["models"][0]
    assert found["input"]["method"] == "estimated"
    assert found["input"]["low"] < found["input"]["tokens"] < found["input"]["high"]
    assert any("not at hand" in each["sentence"] for each in found["derivation"])


async def test_answers_are_foreseen_as_they_were_with_what_was_cached(office: Office) -> None:
    model = await in_database_thread(office.model, "gpt-4o")
    await in_database_thread(office.runs, model, [100, 200, 300, 400, 500], prompt=1000, cached=500)
    told = await office.ask({"model_id": model, "prompt": "x " * 1000, "calls_per_day": 100})
    found = told["models"][0]
    output = {name: found["output"][name] for name in ("basis", "n", "mean", "p10", "p50", "p90")}
    assert output == {"basis": "own_model", "n": 5, "mean": 300, "p10": 140, "p50": 300, "p90": 460}
    assert found["input"]["cache_read_share"] == 0.5
    tokens = found["input"]["tokens"]
    into = (tokens / 2) * 2e-6 + (tokens / 2) * 1e-6
    assert found["per_call"]["expected"] == pytest.approx(into + 300 * 1e-5, rel=1e-3)
    assert found["per_call"]["low"] == pytest.approx(into + 140 * 1e-5, rel=1e-3)
    assert found["per_call"]["high"] == pytest.approx(into + 460 * 1e-5, rel=1e-3)
    month, calls = found["per_month"], 100 * 30.44
    assert month["expected"] == pytest.approx(found["per_call"]["expected"] * calls)
    # t(4) = 2.7764; s = 158.11 tokens; sqrt(1/5 + 1/3044) = 0.44758
    half = 2.776445 * 158.113883 * 0.447581 * 1e-5 * calls
    assert month["high"] - month["expected"] == pytest.approx(half, rel=1e-3)
    assert month["expected"] - month["low"] == pytest.approx(half, rel=1e-3)
    assert found["range_method"] == "prediction_interval"
    assert any("50.0 %" in each["sentence"] for each in found["derivation"])


async def test_answers_are_cut_where_they_may_not_be_longer(office: Office) -> None:
    model = await in_database_thread(office.model, "gpt-4o")
    await in_database_thread(office.runs, model, [100, 200, 300, 400, 500])
    told = await office.ask({"model_id": model, "prompt": "x", "parameters": {"max_tokens": 250}})
    output = told["models"][0]["output"]
    assert (output["mean"], output["p90"], output["most"], output["cut"]) == (210, 250, 250, 3)


@pytest.mark.parametrize(
    "fields",
    [
        {"metadata": {"cached": True}},
        {"metadata": {"forked_from": "x"}},
        {"metadata": {"imported_from": "x"}},
        {"origin": Origin.TRACE},
        {"status": Status.FAILED},
        {"at": 91},
    ],
    ids=["cached", "forked", "imported", "trace", "failed", "old"],
)
async def test_what_says_nothing_of_calls_to_come_is_left_out(office: Office, fields: dict[str, Any]) -> None:
    model = await in_database_thread(office.model, "gpt-4o")
    days = fields.pop("at", 0) if "at" in fields else 0

    def make() -> None:
        office.runs(model, [100] * 6, **{name: value for name, value in fields.items() if name != "at"})
        moved = timezone.now() - timedelta(days=days, hours=3)
        PromptExecution.objects.filter(model_id=model).update(created_at=moved)

    await in_database_thread(make)
    told = await office.ask({"model_id": model, "prompt": "x"})
    output = told["models"][0]["output"]
    assert (output["basis"], output["n"], output["mean"], output["p50"]) == ("assumed", 0, 4_000, None)
    assert told["models"][0]["range_method"] == "bounds"


async def test_others_calls_are_told_only_of_many(office: Office) -> None:
    model = await in_database_thread(office.model, "gpt-4o")

    def others(people: int, each: int) -> None:
        for _ in range(people):
            office.runs(model, [50] * each, of=new_user())

    await in_database_thread(others, 2, 15)
    told = await office.ask({"model_id": model, "prompt": "x"})
    assert told["models"][0]["output"]["basis"] == "assumed"
    await in_database_thread(others, 1, 1)
    told = await office.ask({"model_id": model, "prompt": "x"})
    assert (told["models"][0]["output"]["basis"], told["models"][0]["output"]["n"]) == ("model", 31)


async def test_a_price_that_is_unknown_is_null_and_never_nothing(office: Office) -> None:
    unknown = await in_database_thread(
        lambda: office.model("dark", input_per_million=None, output_per_million=None, cache_read_per_million=None)
    )
    known = await in_database_thread(office.model, "gpt-4o")
    told = await office.ask({"models": [unknown, known], "prompt": "x", "calls_per_day": 1})
    first, second = told["models"]
    assert first["price_known"] is False
    assert [first[name] for name in ("per_call", "per_month", "breakdown", "range_method")] == [None] * 4
    assert [each["cheapest"] for each in (first, second)] == [False, True]
    assert (told["savings"]["executions"], told["savings"]["actual_cost"]) == (0, None)
    assert any(each["subject"] == "price" for each in first["derivation"])


async def test_models_stand_in_the_order_asked_with_the_cheapest_marked(office: Office) -> None:
    dear = await in_database_thread(office.model, "gpt-4o")
    cheap = await in_database_thread(lambda: office.model("gpt-4o-mini", input_per_million=0.1, output_per_million=0.4))
    told = await office.ask({"models": [dear, cheap], "prompt": "x", "output_tokens": 10})
    assert [each["model_id"] for each in told["models"]] == [dear, cheap]
    assert (told["cheapest"], told["cheapest_qualified"]) == (cheap, None)


async def test_a_template_is_foreseen_by_its_own_calls(office: Office) -> None:
    model = await in_database_thread(office.model, "gpt-4o")
    made = await office.person.post(
        "/api/templates",
        {
            "name": "T", "category": "c", "prompt": "Say {{word}}", "variables": [{"name": "word", "type": "string"}],
            "model_id": model,
        },
    )  # fmt: skip
    assert made.status == 201, made.body

    def make() -> None:
        version = PromptTemplate.objects.get(id=made.body["id"]).version
        for prompt in (100, 200, 300, 400, 500):
            office.runs(model, [10], template_version=version, prompt=prompt)
        office.runs(model, [900] * 5)

    await in_database_thread(make)
    body = {"template_id": made.body["id"], "variables": {"word": "hello"}}
    told = await office.ask(body)
    output = told["models"][0]["output"]
    assert (output["basis"], output["n"], output["mean"]) == ("template_and_model", 5, 10)
    assert told["models"][0]["input"]["seen"] == {"n": 5, "p10": 140, "p50": 300, "p90": 460}
    other = await in_database_thread(office.model, "gpt-4o-mini")
    told = await office.ask({**body, "model_id": other})
    assert (told["models"][0]["output"]["basis"], told["models"][0]["input"]["seen"]) == ("template", None)
    assert told["savings"]["executions"] == 5
    stranger = Person(office.service.url, await in_database_thread(new_user))
    await office.ask(body, status=404, by=stranger)


async def test_last_months_calls_at_other_prices(office: Office) -> None:
    model = await in_database_thread(office.model, "gpt-4o")
    cheap = await in_database_thread(
        lambda: office.model("mini", input_per_million=1.0, output_per_million=5.0, cache_read_per_million=0.5)
    )
    await in_database_thread(office.runs, model, [100] * 4, prompt=1000, cached=200)
    told = (await office.ask({"models": [model, cheap], "prompt": "x"}))["savings"]
    actual = 4 * (800 * 2e-6 + 200 * 1e-6 + 100 * 1e-5)
    assert (told["basis"], told["executions"]) == ("own_models", 4)
    assert told["actual_cost"] == pytest.approx(actual)
    same, other = told["if_model"]
    assert (same["cost"], same["goal_reached"]) == (pytest.approx(actual), False)
    assert other["cost"] == pytest.approx(actual / 2)
    assert (other["share"], other["goal_reached"]) == (pytest.approx(-0.5), True)
    shorter = 4 * (560 * 2e-6 + 140 * 1e-6 + 100 * 1e-5)
    assert told["if_prompt_shorter"]["cost"] == pytest.approx(shorter)
    assert told["if_prompt_shorter"]["prompt_share"] == told["goal_share"] == 0.3
    assert cheap in told["note"]


async def test_long_calls_of_last_month_have_the_price_of_their_length(office: Office) -> None:
    model = await in_database_thread(office.model, "gpt-4o")
    tiers = [{"above_tokens": 2000, "input_per_million": 3.0, "output_per_million": 30.0}]
    tiered = await in_database_thread(lambda: office.model("tiered", input_per_million=1.0, price_tiers=tiers))

    def make() -> None:
        for prompt in (1000, 2000, 2001, 4000):
            office.runs(model, [100] * 3, prompt=prompt)

    await in_database_thread(make)
    told = (await office.ask({"models": [tiered, model], "prompt": "x"}))["savings"]
    short, long = 3 * (3000 * 1e-6 + 200 * 1e-5), 3 * (6001 * 3e-6 + 200 * 3e-5)
    assert told["executions"] == 12
    assert told["if_model"][0]["cost"] == pytest.approx(short + long)


async def test_without_a_template_the_sessions_calls_go_before_ones_own(office: Office) -> None:
    model = await in_database_thread(office.model, "gpt-4o")
    made = await office.person.post("/api/sessions", {"name": "S"})

    def make() -> None:
        office.runs(model, [900] * 5)
        place = PlaygroundSession.objects.get(id=made.body["id"])
        for _ in range(5):
            run(place, model, timezone.now().isoformat(), completion=30)

    await in_database_thread(make)
    told = await office.ask({"model_id": model, "prompt": "x", "session_id": made.body["id"]})
    output = told["models"][0]["output"]
    assert (output["basis"], output["n"], output["mean"]) == ("session", 5, 30)
    stranger = Person(office.service.url, await in_database_thread(new_user))
    await office.ask({"model_id": model, "prompt": "x", "session_id": made.body["id"]}, status=404, by=stranger)


async def test_a_templates_calls_in_sessions_of_others_are_not_looked_at(office: Office) -> None:
    model = await in_database_thread(office.model, "gpt-4o")
    body = {"name": "T", "category": "c", "prompt": "Say it", "model_id": model}
    made = await office.person.post("/api/templates", body)
    assert made.status == 201, made.body

    def make() -> None:
        version = PromptTemplate.objects.get(id=made.body["id"]).version
        office.runs(model, [10] * 9, of=new_user(), template_version=version)

    await in_database_thread(make)
    told = await office.ask({"template_id": made.body["id"]})
    assert told["models"][0]["output"]["basis"] == "assumed"
    assert told["savings"]["executions"] == 0


async def test_an_input_beyond_the_window_is_told_and_never_the_cheapest(office: Office) -> None:
    small = await in_database_thread(
        lambda: office.model("gpt-4o-small", context_window=10, input_per_million=0.1, output_per_million=0.1)
    )
    large = await in_database_thread(office.model, "gpt-4o")
    told = await office.ask({"models": [small, large], "prompt": "word " * 100, "output_tokens": 5})
    assert [each["fits_window"] for each in told["models"]] == [False, True]
    assert told["cheapest"] == large
    assert any("would fail" in each["sentence"] for each in told["models"][0]["derivation"])


async def test_calls_without_a_known_price_leave_last_months_cost_unknown(office: Office) -> None:
    model = await in_database_thread(office.model, "gpt-4o")
    await in_database_thread(lambda: office.runs(model, [5], is_priced=False, metadata={"price_known": False}))
    told = (await office.ask({"model_id": model, "prompt": "x"}))["savings"]
    assert (told["executions"], told["actual_cost"]) == (1, None)
    assert (told["if_model"][0]["share"], told["if_model"][0]["goal_reached"]) == (None, None)
    assert told["if_model"][0]["cost"] > 0


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"calls_per_day": 0}, 400, "calls_per_day"),
        ({"calls_per_day": 10_000_001}, 400, "calls_per_day"),
        ({"models": []}, 400, "models"),
        ({"models": ["a/b"] * 9}, 400, "models"),
        ({"models": ["nowhere/a", "nowhere/b"], "model_id": None}, 404, "models.0"),
        ({"model_id": "nowhere/a"}, 404, "model_id"),
        ({"models": ["openai/a", "openai/a"], "model_id": None}, 400, "models"),
        ({"models": ["openai/a"]}, 400, "models"),
        ({"output_tokens": 0}, 400, "output_tokens"),
        ({"confidence": 1}, 400, "confidence"),
        ({"quality": {"minimum_rate": 2}}, 400, "quality.minimum_rate"),
        ({"quality": {"rate": 0.5}}, 400, "quality.rate"),
        ({"metadata": {}}, 400, "metadata"),
        ({"parent_id": str(uuid.uuid4())}, 400, "parent_id"),
        ({"parameters": {"temperature": 9}}, 400, "parameters.temperature"),
        ({"prompt": None}, 400, "prompt"),
        ({"prompt": ""}, 400, "prompt"),
        ({"model_id": None}, 400, "model_id"),
        ({"calls_per_day": "5"}, 400, "calls_per_day"),
        ({"template_id": str(uuid.uuid4()), "prompt": None}, 404, None),
        ({"session_id": str(uuid.uuid4())}, 404, None),
    ],
)
async def test_what_does_not_hold_is_named(office: Office, change: dict[str, Any], status: int, field: str) -> None:
    body = {"model_id": "openai/gpt-4o", "prompt": "x", **change}
    told = await office.ask({name: value for name, value in body.items() if value is not None}, status=status)
    if field:
        assert field in [each["field"] for each in told["errors"]]
