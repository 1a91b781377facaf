"""What a test will send and cost, told before its start: counted by the models' tokenizers, and as a range."""

from __future__ import annotations

from typing import Any

import pytest

from evaluation_app.creation import forecasting
from evaluation_app.creation.bodies import ProbabilisticSerializer
from evaluation_app.creation.planning import planned_test
from foundation.database.threads import in_database_thread
from foundation.rest.serializers import checked_json
from playground.usage.answers import LEAST
from providers.models import CatalogueModel
from providers.tokenizing.counter import CannotCount, Counter
from providers.tokenizing.vocabulary import count
from tests.cast import Person
from tests.doors.conftest import BrowserOf, browser_of
from tests.playground.test_reservations import PRICES, priced

__all__ = ["browser_of"]

SAID = "The contract may be dissolved, said "
# The mark around a message and before the answer, three tokens each, and the role.
AROUND = 3 + 3 + 1


def body_of(model_id: str, words: list[str], **more: Any) -> dict[str, Any]:
    return {
        "name": "T",
        "prompt": SAID + "{{word}}",
        "model_id": model_id,
        "test_cases": [{"input": {"word": word}} for word in words],
        "scorers": [{"scorer": "contains", "params": {"keywords": ["x"]}}],
        "parameters": {"runs": 2},
        **more,
    }


async def forecast(author: Person, *given: Any, **more: Any) -> dict[str, Any]:
    answer = await author.post("/api/evaluation/plan", body_of(*given, **more))
    assert answer.status == 200, answer.body
    told: dict[str, Any] = answer.body["forecast"]
    return told


async def in_this_process(author: Person, model_id: str, words: list[str]) -> dict[str, Any]:
    """The forecast of a model with a tokenizer, where a test can take something away."""

    user = author.user
    assert user

    def told() -> dict[str, Any]:
        asked = checked_json(ProbabilisticSerializer(), body_of(model_id, words))
        return dict(planned_test(user, asked)["forecast"])

    return await in_database_thread(told)


async def test_a_models_own_tokenizer_counts_every_run(author: Person):
    words = ["der Vertragsauflösung", "契約の解除について", "x" * 400]
    told = (await forecast(author, "openai/gpt-4o", words))["input"]
    each = [count(SAID + word, "o200k_base") + AROUND for word in words]
    assert (told["tokens"], told["method"]) == (2 * sum(each), "tokenizer")
    assert told["reason"] == "Counted with o200k_base, the tokenizer of openai/gpt-4o."


async def test_without_a_tokenizer_it_is_estimated_and_says_so(author: Person, provider: str):
    told = (await forecast(author, f"{provider}/echo", ["x" * 100]))["input"]
    assert told["method"] == "estimated"
    assert told["reason"] == f"Estimated from the text's bytes: no tokenizer of {provider}/echo is at hand."


async def test_a_tokenizer_that_does_not_answer_leaves_an_estimate(
    author: Person, provider: str, monkeypatch: pytest.MonkeyPatch
):
    def cannot(self: Counter, texts: Any, tokenizer: str) -> list[int]:
        raise CannotCount

    monkeypatch.setattr(Counter, "count", cannot)
    assert (await in_this_process(author, f"{provider}/gpt-4o", ["x"]))["input"]["method"] == "estimated"


async def test_a_tokenizer_reads_so_many_texts_and_the_reason_says_where_it_ends(
    author: Person, provider: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(forecasting, "COUNTED", 300)
    told = (await in_this_process(author, f"{provider}/gpt-4o", ["x" * 200] * 3))["input"]
    assert told["method"] == "estimated"
    assert told["reason"] == (
        f"Counted with o200k_base, the tokenizer of {provider}/gpt-4o."
        " Beyond 300 characters the texts are estimated by their characters."
    )
    monkeypatch.undo()
    monkeypatch.setattr(forecasting, "LOOKED_AT", 2)
    told = (await in_this_process(author, f"{provider}/gpt-4o", ["x"] * 5))["input"]
    assert (told["tokens"], told["method"]) == (10 * (count(SAID + "x", "o200k_base") + AROUND), "estimated")
    assert told["reason"].endswith("Estimated from the first 2 of 5 different prompts.")


async def test_the_cost_is_from_a_word_to_long_answers_and_says_which_are_long(author: Person, provider: str):
    """1 and 10 USD a million tokens, a thousand tokens of answer at most."""
    model_id = f"{provider}/echo"
    assert (await forecast(author, model_id, ["x"]))["cost"] is None
    limits = {**PRICES, "context_window": 8_000, "max_output_tokens": 1_000}
    await in_database_thread(CatalogueModel.objects.create, id=model_id, provider=provider, overrides=limits)
    may_be = await forecast(author, model_id, ["x"])
    cost = may_be["cost"]
    assert cost["low"] < cost["expected"] <= cost["long"] <= cost["high"]
    assert may_be["reason"] == ("The cost is from answers of one token to ones as long as the model can write.")
    for _ in range(LEAST):
        run = await author.execute(model_id, "Hello", parameters={"cache": False})
        assert run.status == 200, run.body
    seen = await forecast(author, model_id, ["x"])
    assert cost["low"] == seen["cost"]["low"]
    assert seen["cost"]["long"] < cost["long"]
    assert seen["cost"]["high"] == cost["high"], "no way of it passes this"
    assert seen["reason"].endswith("as long as nine of ten answers that you had from the model.")
    limited = await forecast(author, model_id, ["x"], parameters={"runs": 2, "max_tokens": 100})
    assert 2 * 100 * 10 / 1e6 < limited["cost"]["long"] < 2 * (100 * 10 + 100) / 1e6
    assert limited["reason"].endswith("as long as max tokens allows.")


async def test_the_page_tells_the_tokens_and_the_range(author: Person, provider: str, browser_of: BrowserOf):
    model_id = f"{provider}/echo"
    await in_database_thread(priced, model_id)
    mine = await in_database_thread(browser_of, author)
    form = {
        "name": "T",
        "prompt": "A {{x}}",
        "model_id": model_id,
        "runs": "1",
        "max_tokens": "50",
        "scorer": "contains",
        "cases": "x\texpected\n1\t1\n2\t2",
    }
    page = " ".join((await mine.post("/evaluations/plan", form=form)).text.split())
    assert "tokens, estimated" in page
    assert " to $" in page
    assert "to ones as long as max tokens allows. With usual answers it is about" in page
