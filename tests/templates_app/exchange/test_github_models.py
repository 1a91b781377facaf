from __future__ import annotations

import pytest

from templates_app.exchange.formats.github_models import GITHUB_MODELS
from tests.templates_app.exchange.reading import content, draft, places, said

PROMPT = """
name: Summarizer
description: One sentence
model: openai/gpt-4o
modelParameters:
  temperature: 0.5
  maxCompletionTokens: 50
  topK: 4
messages:
  - role: system
    content: You summarize for {{ audience }}.
  - role: user
    content: "{{input}} {{user-name}} {kept} {% kept %}"
testData:
  - input: A long text
    audience: children
    user-name: Ada
    expected: Short
    word: Long
    left: 1
  - input: Another
    audience: all
evaluators:
  - name: has word
    string:
      contains: "{{word}}"
  - name: begins
    string:
      startsWith: Sum
  - name: ends
    string:
      endsWith: "."
  - name: same
    string:
      equals: Short
  - name: alike
    uses: github/similarity
  - name: fluent
    uses: github/fluency
  - name: judge
    llm:
      modelId: openai/gpt-4o
      systemPrompt: Be strict.
      prompt: Is {{completion}} nice?
      choices:
        - {choice: "yes", score: 1}
        - {choice: "no", score: 0}
"""


def test_the_call():
    found = draft(GITHUB_MODELS, PROMPT, "a/summarize.prompt.yml")
    made = content(found)

    assert found.entry["name"] == "Summarizer"
    assert made.model_id == "openai/gpt-4o"
    assert made.default_parameters == {"temperature": 0.5, "max_tokens": 50}
    assert said(found, audience="me", input="x", user_name="Ada") == [
        ("system", "You summarize for me."),
        ("user", "x Ada {kept} {% kept %}"),
    ]
    assert any("topK" in note for note in found.notes)
    assert any("user_name" in note for note in found.notes)


def test_its_data_and_evaluators_are_tests_as_promptfoo_has_them():
    found = draft(GITHUB_MODELS, PROMPT, "a/summarize.prompt.yml")
    first, second = found.material["tests"]["tests"]

    assert first["vars"] == {"input": "A long text", "audience": "children", "user_name": "Ada"}
    assert first["assert"][:5] == [
        {"type": "icontains", "value": "Long"},
        {"type": "starts-with", "value": "Sum"},
        {"type": "regex", "value": r"(?i:\.)$"},
        {"type": "equals", "value": "Short"},
        {"type": "similar", "value": "Short", "threshold": 0.75},
    ]
    judge = first["assert"][5]
    assert (judge["type"], judge["provider"]) == ("llm-rubric", "openai:gpt-4o")
    assert "Be strict." in judge["value"]
    assert "yes" in judge["value"]
    assert "similar" not in [each["type"] for each in second["assert"]]


def test_what_has_no_counterpart_is_told():
    notes = " ".join(draft(GITHUB_MODELS, PROMPT, "a/summarize.prompt.yml").notes)

    for word in ("fluent", "begins", "alike", "judge", "left", "testData.1"):
        assert word in notes


def test_variables_that_people_define_beside():
    text = """
variables:
  - {name: count, type: integer, description: How many, default: 3}
  - {name: topic, required: true}
modelParameters: {}
messages: [{role: user, content: "{{count}} lines on {{topic}}, {{mood}}"}]
"""
    found = draft(GITHUB_MODELS, text)

    assert [(each.name, each.type, each.description) for each in content(found).variables] == [
        ("count", "number", "How many"),
        ("topic", "string", ""),
        ("mood", "string", ""),
    ]
    assert said(found, topic="tea", mood="calm") == [("user", "3 lines on tea, calm")]


def test_an_answers_schema_is_a_text_of_json():
    text = """
model: openai/gpt-4o-mini
responseFormat: json_schema
jsonSchema: '{"name": "animal", "strict": true, "schema": {"type": "object", "properties": {}}}'
messages: [{role: user, content: "Describe {{animal}}"}]
"""
    assert content(draft(GITHUB_MODELS, text)).response_format == {
        "type": "json_schema",
        "json_schema": {"name": "animal", "strict": True, "schema": {"type": "object", "properties": {}}},
    }


@pytest.mark.parametrize(("kind", "expected"), [("json_object", {"type": "json_object"}), ("text", None)])
def test_other_formats_of_answers(kind, expected):
    text = f"responseFormat: {kind}\nmessages: [{{role: user, content: Hi}}]"
    assert content(draft(GITHUB_MODELS, text)).response_format == expected


def test_a_model_of_a_registry():
    model = "azureml://registries/azure-openai/models/gpt-4o/versions/2024-11-20"
    text = f"model: {model}\nmodelParameters: {{}}\nmessages: [{{role: user, content: Hi}}]"
    assert content(draft(GITHUB_MODELS, text)).model_id == "openai/gpt-4o"


def test_a_name_is_that_of_the_file_where_none_is_given():
    text = "messages: [{role: user, content: Hi}]"
    assert draft(GITHUB_MODELS, text, "x/greet.prompt.yaml").entry["name"] == "greet"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("name: x", "messages"),
        ("messages: 3", "messages"),
        ("messages: [3]", "messages.0"),
        ("messages: [{role: 3, content: x}]", "messages.0.role"),
        ("messages: []", "messages"),
        ("messages: [{role: user, content: x}]\nname: [x]", "name"),
        ("messages: [{role: user, content: x}]\nmodelParameters: x", "modelParameters"),
        ("messages: [{role: user, content: x}]\ntestData: x", "testData"),
        ("messages: [{role: user, content: x}]\ntestData: [x]", "testData.0"),
        ("messages: [{role: user, content: x}]\nevaluators: [x]", "evaluators.0"),
        ("messages: [{role: user, content: x}]\nevaluators: [{string: x}]", "evaluators.0.string"),
        (
            "messages: [{role: user, content: x}]\nevaluators: [{string: {contains: []}}]",
            "evaluators.0.string.contains",
        ),
        ("messages: [{role: user, content: x}]\nevaluators: [{llm: x}]", "evaluators.0.llm"),
        ("messages: [{role: user, content: x}]\njsonSchema: '{'", "jsonSchema"),
        ("messages: [{role: user, content: x}]\njsonSchema: 3", "jsonSchema"),
    ],
)
def test_what_is_none_is_refused_with_its_place(text, place):
    assert places(GITHUB_MODELS, text, "a.prompt.yml") == [place]
