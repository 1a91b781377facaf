"""Handover to promptfoo."""

from __future__ import annotations

import json
from dataclasses import replace

import jinja2
import yaml
from hypothesis import given, settings

from templates_app.content import Content, Engine, Variable, VariableType
from templates_app.export_code.formats import FORMATS
from tests.templates_app.exporting_code import expected, handover, hostile, plain_content, sent


@settings(max_examples=100, deadline=None)
@given(prompt=hostile, system_prompt=hostile, title=hostile, a=hostile)
def test_promptfoo_renders_what_the_playground_renders(prompt, system_prompt, title, a):
    # Jinja2 reads this part of Nunjucks' language alike, except that it makes \n of all line breaks.
    prompt, system_prompt = prompt.replace("\r", ""), system_prompt.replace("\r", "")
    made = handover(plain_content(prompt, system_prompt), {"a": a, "c": {"x": [a]}}, name=title)
    config = yaml.safe_load(FORMATS["promptfoo"].render(made))
    (test,) = config["tests"]
    engine = jinja2.Environment(keep_trailing_newline=True, autoescape=False)
    messages = json.loads(config["prompts"][0]["raw"])
    for message in messages:
        message["content"] = engine.from_string(message["content"]).render(test["vars"])
    assert sent({"messages": messages}) == expected(made)


def test_promptfoo_gets_model_parameters_and_a_test():
    given = handover(
        plain_content("Say {{a}} in JSON.", max_tokens=50, response_format={"type": "json_object"}), {"a": "hi"}
    )
    config = yaml.safe_load(FORMATS["promptfoo"].render(given))
    assert config["providers"] == [
        {"id": "openai:chat:gpt-4o", "config": {"max_tokens": 50, "response_format": {"type": "json_object"}}}
    ]
    assert config["tests"] == [{"vars": {"a": "hi", "b": "7"}, "assert": [{"type": "is-json"}]}]
    anthropic = yaml.safe_load(FORMATS["promptfoo"].render(replace(given, model_id="anthropic/claude-sonnet-4-5")))
    assert anthropic["providers"][0]["id"] == "anthropic:messages:claude-sonnet-4-5"


def test_promptfoo_gets_lists_as_lists_for_jinja2():
    content = Content(
        "{% for x in items %}{{ x }}{% endfor %}", "", (Variable("items", VariableType.ARRAY),), {}, Engine.JINJA2
    )
    config = yaml.safe_load(FORMATS["promptfoo"].render(handover(content, {"items": [1, 2]})))
    assert config["tests"] == [{"vars": {"items": [1, 2]}}]
    assert config["defaultTest"] == {"options": {"disableVarExpansion": True}}
