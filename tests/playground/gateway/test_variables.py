"""A template's variables in the vendors' requests: by OpenAI's `prompt`, or beside a `model` that names it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import Person
from tests.playground.gateway.test_refusals import CHAT, COUNT, DOORS, MESSAGES, RESPONSES, told

STREAMED = pytest.mark.parametrize("is_streamed", [False, True])


@pytest.fixture
async def template(author: Person, provider: str) -> str:
    """One with a variable that must be given and one that need not."""
    content: dict[str, Any] = {"name": "Greeting", "category": "C", "prompt": "Greet {{name}} {{times}} times"}
    content |= {"model_id": f"{provider}/echo"}
    content["variables"] = [
        {"name": "name", "type": "string", "required": True},
        {"name": "times", "type": "number", "required": False, "default_value": 1},
    ]
    made = await author.post("/api/templates", content)
    assert made.status == 201, made.body
    return str(made.body["id"])


def by_prompt(path: str, template: str, variables: Any, **more: Any) -> dict[str, Any]:
    """As OpenAI's prompt store is asked."""
    own = {"max_tokens": 64} if path in (MESSAGES, COUNT) else {}
    return {"prompt": {"id": template, "variables": variables}, **own, **more}


def by_model(path: str, template: str, variables: Any, **more: Any) -> dict[str, Any]:
    """By the id under which templates are listed."""
    own = {"max_tokens": 64} if path in (MESSAGES, COUNT) else {}
    return {"model": f"template:{template}", "variables": variables, **own, **more}


def text_of(path: str, body: dict[str, Any]) -> str:
    """What was said."""
    if path == CHAT:
        return str(body["choices"][0]["message"]["content"])
    return str(body["output"][0]["content"][0]["text"] if path == RESPONSES else body["content"][0]["text"])


@pytest.mark.parametrize("way", [by_prompt, by_model])
@pytest.mark.parametrize("path", DOORS)
async def test_variables_fill_the_template(author: Person, template: str, path: str, way: Any):
    answer = await author.post(path, way(path, template, {"name": "Ada", "times": 3}))
    assert answer.status == 200, answer.body
    assert text_of(path, answer.body) == "Greet Ada 3 times"
    kept = (await author.get(f"/api/executions/{answer.headers['X-Execution-Id']}")).body
    assert kept["variables"] == {"name": "Ada", "times": 3}


@STREAMED
@pytest.mark.parametrize(("way", "below"), [(by_prompt, "prompt.variables"), (by_model, "variables")])
@pytest.mark.parametrize("path", [*DOORS, COUNT])
async def test_what_is_missing_unknown_or_of_another_type_is_named(
    author: Person, template: str, path: str, way: Any, below: str, is_streamed: bool
):
    for variables, field in (
        ({}, "name"),
        ({"times": 2}, "name"),
        ({"name": "Ada", "colour": "red"}, "colour"),
        ({"name": "Ada", "times": "often"}, "times"),
        ({"name": {"type": "input_file", "file_id": "x"}}, "name"),
    ):
        answer = await author.post(path, way(path, template, variables, stream=is_streamed))
        assert answer.status == 400, (variables, answer.body)
        error = told(path, answer)
        assert error["message"].startswith(f"{below}.{field}: "), error
        if path in (CHAT, RESPONSES):
            assert error["param"] == f"{below}.{field}"


@pytest.mark.parametrize("path", DOORS)
async def test_variables_belong_to_a_template(author: Person, provider: str, template: str, path: str):
    turns = {"input": "x"} if path == RESPONSES else {"messages": [{"role": "user", "content": "x"}]}
    own = {"max_tokens": 64} if path == MESSAGES else {}
    for body in (
        {"model": f"{provider}/echo", "variables": {"a": "b"}, **turns, **own},
        by_prompt(path, template, {"name": "Ada"}) | {"variables": {"name": "Bob"}},
    ):
        refused = await author.post(path, body)
        assert (refused.status, told(path, refused)["message"].partition(":")[0]) == (400, "variables"), refused.body
    odds: list[Any] = [[], "x", 1]
    for odd in odds:
        refused = await author.post(path, by_model(path, template, odd))
        assert (refused.status, told(path, refused)["message"].partition(":")[0]) == (400, "variables"), refused.body


@pytest.mark.parametrize("path", DOORS)
async def test_a_version_that_is_not_there_is_a_404(author: Person, template: str, path: str):
    for body in (
        by_prompt(path, template, {"name": "Ada"}) | {"prompt": {"id": template, "version": "99"}},
        by_model(path, template, {"name": "Ada"}) | {"model": f"template:{template}@staging"},
    ):
        refused = await author.post(path, body)
        assert (refused.status, told(path, refused)["code"]) == (404, "no_such_version"), refused.body
