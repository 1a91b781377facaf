"""The form and the API's body: what is typed is what is asked for, and what was asked for stands in the form again."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ValidationError

from foundation.problems import FieldError, Problem, as_problem, invalid
from playground import replay
from playground.bodies.execution import ExecuteSerializer
from playground.models import PromptExecution
from playground.pages.compose import forms
from playground.pages.compose.forms import Compose

SCHEMA = {"type": "object", "properties": {"answer": {"type": "string"}}}
BODIES: list[dict[str, Any]] = [
    {"model_id": "openai/echo", "prompt": "hello", "parameters": {}},
    {"model_id": "a/b/c", "prompt": "two\nlines", "system_prompt": "Be brief.", "parameters": {"temperature": 0.0}},
    {"model_id": "a/b", "prompt": "x", "parameters": {"max_tokens": 1, "seed": -7, "top_p": 0.25}},
    {"model_id": "a/b", "prompt": "x", "parameters": {"stop_sequences": ["END", " two words"]}},
    {"model_id": "a/b", "prompt": "x", "parameters": {"reasoning_effort": "low", "presence_penalty": -2.0}},
    {"model_id": "a/b", "prompt": "x", "parameters": {"response_format": {"type": "json_object"}}},
    {
        "model_id": "a/b",
        "prompt": "x",
        "parameters": {
            "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA}},
        },
    },
]


def executed(body: dict[str, Any]) -> PromptExecution:
    """The run that a body starts, as far as the form is concerned."""
    texts = {name: body[name] for name in replay.CARRIED if name in body}
    return PromptExecution(model_id=body["model_id"], request=texts, parameters=body["parameters"])


def sent(compose: Compose) -> dict[str, str]:
    """What a browser posts of this form."""
    fields = {f"parameters.{name}": value for name, value in compose.parameters.items()}
    texts = {"model_id": compose.model_id, "prompt": compose.prompt, "system_prompt": compose.system_prompt}
    return {**texts, "schema": compose.schema, "session_id": compose.session_id, **fields}


@pytest.mark.parametrize("body", BODIES)
def test_a_runs_form_asks_for_the_same_again(body: dict[str, Any]) -> None:
    assert forms.body_from(forms.from_post(sent(forms.from_execution(executed(body))))) == body
    serializer = ExecuteSerializer(data=body)
    assert serializer.is_valid(), serializer.errors


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "temperature": st.floats(0, 2),
            "top_p": st.floats(0, 1),
            "max_tokens": st.integers(1, 10**6),
            "seed": st.integers(-(2**53), 2**53),
            "frequency_penalty": st.floats(-2, 2),
        },
    )
)
def test_numbers_come_back_as_they_went(parameters: dict[str, float]) -> None:
    body = {"model_id": "a/b", "prompt": "x", "parameters": parameters}
    assert forms.body_from(forms.from_post(sent(forms.from_execution(executed(body))))) == body


@given(st.text(), st.text())
def test_texts_come_back_with_their_line_breaks_made_one_kind(prompt: str, system: str) -> None:
    body = forms.body_from(forms.from_post({"model_id": "a/b", "prompt": prompt, "system_prompt": system}))
    assert body["prompt"] == prompt.replace("\r\n", "\n")
    assert body.get("system_prompt", "") == system.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("temperature", "9"),
        ("temperature", "warm"),
        ("temperature", "0,5,5"),
        ("temperature", "nan"),
        ("temperature", "inf"),
        ("temperature", "1e999"),
        ("top_p", "-0.1"),
        ("max_tokens", "0"),
        ("max_tokens", "1.5"),
        ("max_tokens", "many"),
        ("max_tokens", "9" * 5000),
        ("seed", "0x10"),
        ("seed", "1e3"),
        ("reasoning_effort", "extreme"),
        ("response_format", "yaml"),
        ("stop_sequences", "\n".join("abcdefghi")),
        ("stop_sequences", "x" * 201),
    ],
)
def test_a_bad_value_is_named_at_its_field_and_stays_as_typed(name: str, text: str) -> None:
    compose = forms.from_post({"model_id": "a/b", "prompt": "x", f"parameters.{name}": text})
    assert compose.parameters[name] == text
    serializer = ExecuteSerializer(data=forms.body_from(compose))
    with pytest.raises(ValidationError) as refused:
        serializer.is_valid(raise_exception=True)
    problem = as_problem(refused.value)
    assert isinstance(problem, Problem)
    errors = forms.errors_by_field(problem)
    assert list(errors) == [f"parameters.{name}"]
    assert forms.parameter_errors(errors) == {name: errors[f"parameters.{name}"]}


def test_a_schema_that_is_no_json_is_named_at_the_format() -> None:
    compose = forms.from_post(
        {"model_id": "a/b", "prompt": "x", "parameters.response_format": "json_schema", "schema": "{"}
    )
    with pytest.raises(Problem) as refused:
        forms.body_from(compose)
    assert "not JSON" in forms.errors_by_field(refused.value)["parameters.response_format"]


def test_what_no_field_can_show_is_told_for_the_whole() -> None:
    problem = invalid([FieldError("context.x", "invalid", "No."), FieldError("prompt", "blank", "Empty.")])
    assert forms.errors_by_field(problem) == {"": "No.", "prompt": "Empty."}


def test_empty_fields_are_not_sent() -> None:
    body = forms.body_from(forms.from_post({"model_id": "a/b", "prompt": "x", "parameters.temperature": " "}))
    assert body == {"model_id": "a/b", "prompt": "x", "parameters": {}}


def test_an_example_stands_for_the_prompt() -> None:
    assert forms.from_post({"prompt": "typed", "example": "clicked"}).prompt == "clicked"


def repeated(execution: PromptExecution) -> dict[str, Any]:
    """The body that a rerun sends, its session aside."""
    return replay.body_of(execution)


def test_a_rerun_carries_everything() -> None:
    body = {
        "model_id": "a/b",
        "prompt": "x",
        "messages": [{"role": "user", "content": "earlier"}],
        "tools": [{"name": "weather"}],
        "context": {"city": "Graz"},
        "parameters": {"temperature": 1, "fallback_models": ["c/d", "e/f"]},
    }
    again = repeated(executed(body))
    assert again == body


def test_a_rerun_on_another_model_does_not_fall_back_to_itself() -> None:
    run = executed({"model_id": "a/b", "prompt": "x", "parameters": {"fallback_models": ["c/d", "e/f"]}})
    again = repeated(run) | forms.changes_for(run, model_id="c/d")
    assert (again["model_id"], again["parameters"]["fallback_models"]) == ("c/d", ["e/f"])
    assert run.parameters == {"fallback_models": ["c/d", "e/f"]}
