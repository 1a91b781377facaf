"""Handover in Python, and what holds for every format."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from templates_app.content import Content, Engine, Rule, Variable, VariableType
from templates_app.export_code.formats import FORMATS
from templates_app.starter.library import starter_templates
from tests.templates_app.exporting_code import (
    PYTHON,
    Recorder,
    expected,
    handover,
    hostile,
    plain_content,
    run_python,
    sent,
    values,
)


@pytest.mark.parametrize("name", PYTHON)
@settings(max_examples=80, deadline=None)
@given(
    prompt=hostile,
    system_prompt=hostile,
    title=hostile,
    a=hostile,
    c=st.none() | st.dictionaries(hostile, values, max_size=2),
)
def test_a_python_snippet_sends_what_the_playground_sent(name, prompt, system_prompt, title, a, c):
    example = {"a": a, "b": 12} | ({} if c is None else {"c": c})
    given = handover(plain_content(prompt, system_prompt), example, name=title, label=title, service_url=title)
    wanted_prompt, wanted_system = expected(given)
    found_prompt, found_system = sent(run_python(FORMATS[name].render(given)))
    assert found_prompt == wanted_prompt
    assert found_system == wanted_system


@pytest.mark.parametrize("name", PYTHON)
def test_a_python_snippet_renders_jinja2_in_the_sandbox(name):
    text = "{% for each in items %}{{ loop.index }}. {{ each | upper }}\n{% endfor %}"
    content = Content(text, "Be brief.", (Variable("items", VariableType.ARRAY),), engine=Engine.JINJA2)
    source = FORMATS[name].render(handover(content, {"items": ["a", "b"]}))
    assert sent(run_python(source)) == ("1. A\n2. B\n", "Be brief.")
    unsafe = replace(content, prompt="{{ ''.__class__.__mro__ }}")
    with pytest.raises(jinja2.exceptions.SecurityError):
        run_python(FORMATS[name].render(handover(unsafe, {"items": []})))
    undefined = replace(content, prompt="{{ nothing }}")
    with pytest.raises(jinja2.UndefinedError):
        run_python(FORMATS[name].render(handover(undefined, {"items": []})))


@pytest.mark.parametrize("name", PYTHON)
def test_variables_may_have_names_that_python_keeps_for_itself(name):
    names = ["class", "class_", "ask", "values", "print", "__debug__", "self", "None", "json", "__proto__"]
    content = Content(" ".join(f"{{{{{each}}}}}" for each in names), variables=tuple(map(Variable, names)))
    given = handover(content, {each: f"<{each}>" for each in names}, name="print")
    assert sent(run_python(FORMATS[name].render(given)))[0] == " ".join(f"<{each}>" for each in names)


def test_parameters_are_typed_by_the_variables():
    variables = (
        Variable("topic", description="What it is about."),
        Variable("tone", rules=(Rule("enum", ["warm", "cold"]),)),
        Variable("words", VariableType.NUMBER, required=False, has_default=True, default_value=250),
        Variable("tags", VariableType.ARRAY, rules=(Rule("item_type", "string"),)),
        Variable("extra", VariableType.OBJECT, required=False),
    )
    source = FORMATS["python-openai"].render(handover(Content("{{topic}}", variables=variables)))
    for line in (
        "def summary_of_a_report(",
        "# What it is about.",
        "topic: str,",
        'tone: Literal["warm", "cold"],',
        "words: float = 250,",
        "tags: list[str],",
        "extra: dict[str, Any] | None = None,",
    ):
        assert f"    {line}" in source or line in source
    typescript = FORMATS["typescript"].render(handover(Content("{{topic}}", variables=variables)))
    for line in ("topic: string;", 'tone: "warm" | "cold";', "words?: number;", "tags: string[];"):
        assert f"  {line}\n" in typescript


PARAMETERS: dict[str, Any] = {
    "temperature": 1.4,
    "top_p": 0.9,
    "max_tokens": 500,
    "stop_sequences": ["END"],
    "frequency_penalty": 0.5,
    "seed": 7,
    "response_format": {"type": "json_object"},
    "fallback_models": ["openai/gpt-4o-mini"],
    "timeout": 30,
    "cache": True,
}


def call_of(name: str, model_id: str = "openai/gpt-4o", **parameters: Any) -> tuple[dict[str, Any], str]:
    given = handover(plain_content("Say {{a}}.", **parameters), {"a": "hello"}, model_id=model_id)
    source = FORMATS[name].render(given)
    call = run_python(source)
    return {key: value for key, value in call.items() if key != "messages"}, source


def test_openai_gets_its_own_names():
    call, source = call_of("python-openai", **PARAMETERS)
    assert call == {
        "model": "gpt-4o",
        "temperature": 1.4,
        "top_p": 0.9,
        "max_tokens": 500,
        "stop": ["END"],
        "frequency_penalty": 0.5,
        "seed": 7,
        "response_format": {"type": "json_object"},
        "timeout": 30,
    }
    assert "# Not carried over: cache, fallback_models.\n" in source
    assert Recorder.last.keys == {"api_key": "openai's"}


def test_openais_reasoning_models_get_no_sampling_parameters():
    call, source = call_of("python-openai", "openai/o3", temperature=0.2, max_tokens=500, reasoning_effort="low")
    assert call == {"model": "o3", "max_completion_tokens": 500, "extra_body": {"reasoning_effort": "low"}}
    assert "# Not carried over: temperature.\n" in source


def test_a_schema_gets_the_name_that_openai_wants():
    call, _ = call_of(
        "python-openai", response_format={"type": "json_schema", "json_schema": {"schema": {"type": "object"}}}
    )
    assert call["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": {"type": "object"}},
    }


def test_anthropic_gets_its_own_names():
    call, source = call_of("python-anthropic", "anthropic/claude-sonnet-4-5", **PARAMETERS)
    assert call == {
        "model": "claude-sonnet-4-5",
        "max_tokens": 500,
        "extra_body": {"temperature": 1},
        "stop_sequences": ["END"],
        "timeout": 30,
        "system": "Answer with one JSON object and nothing else.",
    }
    assert "# Not carried over: cache, fallback_models, frequency_penalty, seed, top_p.\n" in source
    assert "# temperature: Claude 4.5 takes 0 to 1: 1 was sent.\n" in source
    assert "# top_p: Claude 4.5 takes no top_p beside temperature.\n" in source
    assert Recorder.last.keys == {"api_key": "anthropic's"}
    assert call_of("python-anthropic")[0]["max_tokens"] == 16_384


def test_litellm_gets_the_whole_model_id_and_the_fallbacks():
    call, _ = call_of("python-litellm", "mistral/mistral-small", **PARAMETERS)
    assert call["model"] == "mistral/mistral-small"
    assert call["fallbacks"] == ["openai/gpt-4o-mini"]
    assert call["drop_params"] is True


def test_a_model_of_another_provider_is_pointed_out():
    assert "OPENAI_BASE_URL" in call_of("python-openai", "ollama/llama3")[1]
    assert "Claude model" in call_of("python-anthropic", "openai/gpt-4o")[1]


@pytest.mark.parametrize("name", FORMATS)
def test_every_starter_template_can_be_handed_over(name):
    for template in starter_templates():
        given = handover(template.content, template.example, name=template.name)
        source = FORMATS[name].render(given)
        if name in PYTHON:
            assert sent(run_python(source))[0] == expected(given)[0]
        assert source.endswith("\n")


def test_formats_are_named_as_the_api_names_them():
    assert list(FORMATS) == [*PYTHON, "typescript", "curl", "request-json", "promptfoo"]
    given = handover(plain_content("x"), name="Ünïcode & Co: 3 Räder / ../etc")
    assert FORMATS["curl"].file_name(given) == "unicode_co_3_rader_etc_v3.sh"
    assert FORMATS["python-openai"].file_name(replace(given, name="日本")) == "prompt_v3.py"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("日本", "日本_v3.py"),
        ("Ünïcode & Co: 3 Räder / ../etc", "unicode_co_3_rader_etc_v3.py"),
        ("हिन्दी 3", "हिन्दी_3_v3.py"),
        ("Größe", "große_v3.py"),
        ("…", "prompt_v3.py"),
        ("2 日", "prompt_2_日_v3.py"),
    ],
)
def test_a_file_of_code_keeps_its_name_in_any_script(name: str, kept: str):
    assert FORMATS["python-openai"].file_name_in_any_script(handover(plain_content("x"), name=name)) == kept
