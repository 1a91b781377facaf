"""A run again in other words: they take the place of the last user turn, and of what the system says."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from foundation.database.threads import in_database_thread
from playground.models import PromptExecution
from playground.pages.compose import forms
from playground.rewording import reworded
from tests.cast import Person
from tests.playground.media import some_png
from tests.playground.uploads import sent, uploaded, with_image
from tests.servers.service import Service

CALL = {"id": "c", "type": "function", "function": {"name": "t", "arguments": "{}"}}


def turn(role: str, content: Any, **more: Any) -> dict[str, Any]:
    """One message."""
    return {"role": role, "content": content, **more}


async def executed(person: Person, model: str, **body: Any) -> Any:
    """A run of this body."""
    answer = await person.post("/api/prompts/execute", {"model_id": model, **body})
    assert answer.status == 200, answer.body
    return answer


async def replayed(person: Person, run: Any, **changes: Any) -> dict[str, Any]:
    """The run again."""
    answer = await person.post(f"/api/executions/{run.body['id']}/replay", changes)
    assert answer.status == 201, answer.body
    return dict(answer.body)


async def test_new_words_take_the_place_of_the_last_user_turn(author: Person, provider: str, service: Service):
    model = f"echo@{uuid.uuid4().hex[:8]}"
    told = [turn("system", "Be kind."), turn("user", "One"), turn("assistant", "1"), turn("user", "Two")]
    run = await executed(author, f"{provider}/{model}", messages=told)
    again = await replayed(author, run, prompt="Three")
    assert (again["messages"], again["prompt"]) == ([*told[:3], turn("user", "Three")], "")
    other = await replayed(author, run, system_prompt="Be brief.", prompt="Four")
    assert other["messages"] == [*told[1:3], turn("user", "Four")]
    same = await replayed(author, run)
    assert same["messages"] == told
    bodies = [each["messages"] for each in await sent(service.simulator.url, model)]
    assert bodies == [
        told,
        [*told[:3], turn("user", "Three")],
        [turn("system", "Be brief."), *told[1:3], turn("user", "Four")],
        told,
    ]


@pytest.mark.parametrize("as_messages", [False, True])
async def test_pictures_stay_beside_new_words(author: Person, provider: str, as_messages: bool):
    prompt = with_image(await uploaded(author, some_png()))
    given = {"messages": [turn("user", prompt)]} if as_messages else {"prompt": prompt}
    run = await executed(author, f"{provider}/echo", **given)
    again = await replayed(author, run, prompt="Other words")
    content = again["messages"][0]["content"] if as_messages else again["prompt"]
    kept = [part for part in prompt if part["type"] != "text"]
    assert [part for part in content if part["type"] != "text"] == kept
    assert [part["text"] for part in content if part["type"] == "text"] == ["Other words"]
    # Parts of its own are all that is sent.
    alone = await replayed(author, run, prompt=[{"type": "text", "text": "Alone"}])
    assert (alone["messages"][0]["content"] if as_messages else alone["prompt"]) == [{"type": "text", "text": "Alone"}]


IMAGE = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
REWORDED: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "a prompt": ({"prompt": "A"}, {"prompt": "B"}, {"prompt": "B"}),
    "a prompt behind turns": (
        {"prompt": "A", "messages": [turn("user", "0"), turn("assistant", "1")]},
        {"prompt": "B"},
        {"prompt": "B", "messages": [turn("user", "0"), turn("assistant", "1")]},
    ),
    "a picture before its words": (
        {"prompt": [IMAGE, {"type": "text", "text": "A"}, {"type": "text", "text": "a"}, IMAGE]},
        {"prompt": "B"},
        {"prompt": [IMAGE, {"type": "text", "text": "B"}, IMAGE]},
    ),
    "a picture alone": ({"prompt": [IMAGE]}, {"prompt": "B"}, {"prompt": [IMAGE, {"type": "text", "text": "B"}]}),
    "an answer that was begun": (
        {"messages": [turn("user", "A"), turn("assistant", "{")]},
        {"prompt": "B"},
        {"messages": [turn("user", "B"), turn("assistant", "{")]},
    ),
    "a tool that has answered": (
        {"messages": [turn("user", "A"), turn("assistant", None, tool_calls=[CALL]), turn("tool", "x")]},
        {"prompt": "B"},
        {"messages": [turn("user", "B")]},
    ),
    "no user turn": (
        {"messages": [turn("system", "S")]},
        {"prompt": "B"},
        {"messages": [turn("system", "S")], "prompt": "B"},
    ),
    "another system prompt": (
        {"system_prompt": "S", "messages": [turn("system", "T"), turn("user", "A"), turn("system", "later")]},
        {"system_prompt": ""},
        {"system_prompt": "", "messages": [turn("user", "A"), turn("system", "later")]},
    ),
    "a model": ({"prompt": "A", "model_id": "a/a"}, {"model_id": "b/b"}, {"prompt": "A", "model_id": "b/b"}),
}


@pytest.mark.parametrize("name", REWORDED)
def test_what_is_asked_in_other_words(name: str):
    body, changes, expected = REWORDED[name]
    before = repr(body)
    assert reworded(body, changes) == expected
    assert repr(body) == before


async def test_the_form_of_a_run_of_messages_holds_what_it_can(author: Person, provider: str):
    told = [turn("system", "Be kind."), turn("user", "One")]
    run = await executed(author, f"{provider}/echo", messages=told)
    row = await in_database_thread(PromptExecution.objects.get, id=run.body["id"])
    form = forms.from_execution(row)
    assert (form.system_prompt, form.prompt) == ("Be kind.", "One")
    longer = await executed(author, f"{provider}/echo", messages=[*told, turn("assistant", "1"), turn("user", "2")])
    row = await in_database_thread(PromptExecution.objects.get, id=longer.body["id"])
    assert forms.from_execution(row).prompt == ""
