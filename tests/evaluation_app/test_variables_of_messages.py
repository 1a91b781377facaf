"""Cases fill the variables of every text that a variant says: prompt, system prompt, and messages."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest

from evaluation_app.models import EvaluationTest
from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.doors.browser import browser_of
from tests.evaluation_app.conftest import Bench

USER = {"role": "user", "content": "Say {{word}}, not \\{{word}}"}


def body(provider: str, *, case: dict[str, Any], **variant: Any) -> dict[str, Any]:
    return {
        "name": "Messages",
        "model_id": f"{provider}/echo",
        "test_cases": [{"input": case}],
        "parameters": {"runs": 1},
        **variant,
    }


async def asked_by(bench: Bench, test_id: str) -> tuple[str, dict[str, Any]]:
    """The answer of a test's first sample, and its execution."""
    await bench.ended(test_id, "completed")
    (sample,) = await bench.samples(test_id)
    assert sample["outcome"] == "unscored", sample
    execution = await bench.person.call("GET", f"/api/executions/{sample['execution_id']}")
    return sample["output"], execution.body


async def test_a_case_fills_every_message(bench: Bench, provider: str):
    messages = [
        {"role": "system", "content": "Be {{ mood }}."},
        {"role": "user", "content": [{"type": "text", "text": "I am {{mood}} about {{n}}"}]},
        {"role": "assistant", "content": "So is {{word}}."},
        USER,
    ]
    case = {"word": "{{mood}} $1", "mood": "brief", "n": 7}
    made = await bench.begin(**body(provider, case=case, messages=messages))
    output, execution = await asked_by(bench, made["id"])
    assert output == "Say {{mood}} $1, not {{word}}", "a value is never looked at again"
    contents = [turn["content"] for turn in execution["messages"]]
    assert contents == [
        "Be brief.",
        [{"type": "text", "text": "I am brief about 7"}],
        "So is {{mood}} $1.",
        "Say {{mood}} $1, not {{word}}",
    ]


async def test_a_case_fills_the_system_prompt_above_messages_and_messages_before_a_prompt(bench: Bench, provider: str):
    above = await bench.begin(
        **body(provider, case={"word": "x", "mood": "calm"}, system_prompt="Be {{mood}}.", messages=[USER])
    )
    _, execution = await asked_by(bench, above["id"])
    assert execution["system_prompt"] == "Be calm."
    turns = [{"role": "user", "content": "I like {{thing}}"}, {"role": "assistant", "content": "Fine."}]
    before = await bench.begin(
        **body(provider, case={"word": "x", "thing": "tea"}, prompt="Say {{word}}", messages=turns)
    )
    output, execution = await asked_by(bench, before["id"])
    assert (output, execution["messages"][0]["content"]) == ("Say x", "I like tea")


async def test_messages_without_variables_are_sent_as_they_are(bench: Bench, provider: str):
    made = await bench.begin(**body(provider, case={}, messages=[{"role": "user", "content": "Say \\{{word}} {x}"}]))
    output, _ = await asked_by(bench, made["id"])
    assert output == "Say \\{{word}} {x}"


@pytest.mark.parametrize(
    ("case", "name", "code"),
    [({}, "word", "required"), ({"word": "x", "other": 1}, "other", "unknown"), ({"word": None}, "word", None)],
)
async def test_values_that_do_not_fit_are_refused_before_anything_is_paid(
    author: Person, provider: str, case: dict[str, Any], name: str, code: str | None
):
    variants = [
        {"name": name, "model_id": f"{provider}/echo", "messages": [{"role": "user", "content": content}]}
        for name, content in (("A", "Say {{word}}"), ("B", [{"type": "text", "text": "Tell {{word}}"}]))
    ]
    asked = {
        "name": "T",
        "variants": variants,
        "test_cases": [{"input": {"word": "x"}}, {"input": case}],
        "parameters": {"runs": 1},
    }
    for door in ("compare", "plan"):
        refused = await author.post(f"/api/evaluation/{door}", asked)
        assert refused.status == 400, refused.body
        assert {error["field"] for error in refused.body["errors"]} == {f"test_cases.1.input.{name}"}
        if code:
            assert {error["code"] for error in refused.body["errors"]} == {code}
            told = " ".join(error["message"] for error in refused.body["errors"])
            assert "messages of A" in told
            assert "messages of B" in told
    assert await in_database_thread(EvaluationTest.objects.count) == 0


async def test_the_cases_of_a_dataset_are_held_against_the_variables_too(author: Person, provider: str):
    saved = await author.post("/api/templates", {"name": "T", "category": "c", "prompt": "Say {{word}}"})
    dataset = await author.post("/api/datasets", {"name": "Words", "template_id": saved.body["id"]})
    assert dataset.status == 201, dataset.body
    added = await author.post(f"/api/datasets/{dataset.body['id']}/cases", {"cases": [{"input": {"word": "x"}}]})
    assert added.status in (200, 201), added.body
    asked = body(provider, case={}, messages=[{"role": "user", "content": "Tell {{term}}"}])
    del asked["test_cases"]
    refused = await author.post("/api/evaluation/probabilistic", {**asked, "dataset_id": dataset.body["id"]})
    assert refused.status == 400, refused.body
    told = " ".join(error["message"] for error in refused.body["errors"])
    assert "{{term}}" in told
    assert "{{word}}: the value would go nowhere" in told
    assert "messages of Messages" in told
    fits = {**asked, "messages": [USER], "dataset_id": dataset.body["id"]}
    assert (await author.post("/api/evaluation/probabilistic", fits)).status == 202


async def test_a_text_that_grows_beyond_all_bounds_is_named_by_its_message(author: Person, provider: str):
    messages = [{"role": "user", "content": "Hello"}, {"role": "user", "content": "{{word}}" * 500}]
    asked = body(provider, case={"word": "x" * 9_000}, messages=messages)
    refused = await author.post("/api/evaluation/probabilistic", asked)
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "messages.1.content"), refused.body


async def test_the_builder_shows_the_fields_that_it_found(author: Person):
    mine = await in_database_thread(browser_of, author)
    form = {"prompt": "From {{ city }} to {{end}}, \\{{not}}", "system_prompt": "Be {{mood}} in {{city}}"}
    shown = " ".join(unescape((await mine.post("/evaluations/plan", form=form)).text).split())
    assert "<code>city</code>, <code>end</code>, <code>mood</code>" in shown
    assert "<code>not</code>" not in shown
    bare = (await mine.get("/evaluations/new")).text
    assert "No fields in it" in bare
    begun = (await mine.get("/evaluations/new?prompt=Say+%7B%7Bword%7D%7D")).text
    assert "<code>word</code>" in begun
