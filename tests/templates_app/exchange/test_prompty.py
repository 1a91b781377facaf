from __future__ import annotations

import pytest

from templates_app.content import VariableType
from templates_app.exchange.formats.prompty import PROMPTY
from tests.templates_app.exchange.reading import content, draft, places, said

FIRST = """---
name: Answer from a handbook
description: Answers by what it is given.
authors:
  - somebody
tags: [support, handbook]
version: 1.2
model:
  api: chat
  configuration:
    type: azure_openai
    azure_endpoint: ${env:ENDPOINT:https://secret.example}
    azure_deployment: gpt-4o-mini
  parameters:
    max_tokens: 300
    temperature: 0.2
inputs:
  question:
    type: string
    description: What is asked
  tone: friendly
sample:
  question: Where is the key?
  unknown: 1
template: jinja2
---

system:
You answer in a {{tone}} tone.

user:
{{question}}
"""
SECOND = """---
name: weather
model:
  id: gpt-4o
  provider: openai
  apiType: chat
  connection:
    kind: key
    apiKey: ${env:OPENAI_API_KEY}
  options:
    temperature: 0
    maxOutputTokens: 512
    topP: 0.9
inputs:
  - name: city
    kind: string
    default: Bern
    enumValues: [Bern, Basel]
  - name: conversation
    kind: thread
outputs:
  - name: degrees
    kind: float
    required: true
  - name: days
    kind: array
    items:
      kind: string
tools:
  - name: get_weather
    kind: function
    description: The weather of a city
    parameters:
      - name: city
        kind: string
        required: true
  - name: files
    kind: mcp
template:
  format:
    kind: jinja2
---
system:
You tell the weather.

{{conversation}}

user:
How is it in {{city}}?
"""


def test_the_first_schema() -> None:
    found = draft(PROMPTY, FIRST, "handbook.prompty")
    made = content(found)

    assert found.entry["name"] == "Answer from a handbook"
    assert found.entry["tags"] == ["support", "handbook"]
    assert made.model_id == "azure/gpt-4o-mini"
    assert made.default_parameters == {"max_tokens": 300, "temperature": 0.2}
    assert made.engine == "plain"
    assert said(found, question="Why?", tone="dry") == [("system", "You answer in a dry tone."), ("user", "Why?")]


def test_a_sample_is_a_test_case_and_no_default() -> None:
    found = draft(PROMPTY, FIRST, "handbook.prompty")

    tests = found.material["tests"]["tests"]
    assert tests == [{"description": "Sample", "vars": {"question": "Where is the key?", "tone": "friendly"}}]
    assert not any(variable.has_default for variable in content(found).variables)
    assert any("unknown" in note for note in found.notes)


def test_what_is_not_carried_over_is_told_without_a_secret() -> None:
    notes = " ".join(draft(PROMPTY, FIRST, "handbook.prompty").notes)

    assert "authors" in notes
    assert "version" in notes
    assert "How its model is reached" in notes
    assert "secret.example" not in notes


def test_the_second_schema() -> None:
    found = draft(PROMPTY, SECOND, "weather.prompty")
    made = content(found)

    assert made.model_id == "openai/gpt-4o"
    assert made.default_parameters == {"temperature": 0, "max_tokens": 512, "top_p": 0.9}
    assert [tool["name"] for tool in made.tools] == ["get_weather"]
    assert made.tools[0]["parameters"]["required"] == ["city"]
    assert made.response_format is not None
    schema = made.response_format["json_schema"]["schema"]
    assert schema["properties"] == {
        "degrees": {"type": "number"},
        "days": {"type": "array", "items": {"type": "string"}},
    }
    city, conversation = made.variables
    assert (city.default_value, city.rules[0].value) == ("Bern", ["Bern", "Basel"])
    assert (conversation.type, conversation.required) == (VariableType.MESSAGES, False)
    assert list(made.slots) == ["conversation"]
    assert any("mcp" in note for note in found.notes)


def test_a_loop_that_writes_out_messages_is_a_placeholder() -> None:
    text = (
        "---\nname: chat\nmodel:\n  api: chat\n---\nsystem:\nBe kind.\n\n{% for item in history %}\n{{item.role}}:\n"
        "{{item.content}}\n{% endfor %}\n\nuser:\n{{question}}\n"
    )
    found = draft(PROMPTY, text)

    earlier = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    assert said(found, history=earlier, question="How?") == [
        ("system", "Be kind."),
        ("user", "Hi"),
        ("assistant", "Hello"),
        ("user", "How?"),
    ]


def test_jinja_stays_jinja_and_its_variables_are_found() -> None:
    text = (
        "---\nmodel: gpt-4o\n---\nsystem:\n{% if tone == 'kind' %}Be polite.{% endif %}\n\nuser:\n{{ topic | upper }}\n"
    )
    found = draft(PROMPTY, text, "a.prompty")

    assert content(found).engine == "jinja2"
    assert said(found, tone="kind", topic="hi") == [("system", "Be polite."), ("user", "HI")]


def test_a_block_over_several_messages_leaves_the_text_whole() -> None:
    text = "---\nname: x\n---\n{% if a %}\nsystem:\nA\n{% endif %}\nuser:\nB\n"
    found = draft(PROMPTY, text, "a.prompty")

    assert content(found).prompt == text.split("---\n")[2].strip("\n")
    assert any("goes beyond one message" in note for note in found.notes)


@pytest.mark.parametrize("head", ["# System:", "System:", "  system :", "system[name='a']:"])
def test_ways_to_write_a_role(head: str) -> None:
    found = draft(PROMPTY, f"---\nname: x\n---\n{head}\r\nBe kind.\r\n\r\nuser:\r\nHi {{{{name}}}}\r\n", "a.prompty")

    assert said(found, name="Ada") == [("system", "Be kind."), ("user", "Hi Ada")]


def test_a_text_without_roles_is_what_the_user_says() -> None:
    assert said(draft(PROMPTY, "---\nname: x\n---\nSay {{a}}.", "a.prompty"), a="no") == [("user", "Say no.")]


def test_only_a_system_message_leaves_a_place_for_what_is_asked() -> None:
    found = draft(PROMPTY, "---\nname: x\n---\nsystem:\nBe kind.", "a.prompty")

    assert said(found, input="Hi") == [("system", "Be kind."), ("user", "Hi")]
    assert any("Nobody asks" in note for note in found.notes)


def test_a_system_message_that_asks_by_itself_is_the_prompt() -> None:
    found = draft(PROMPTY, "---\nname: x\n---\nsystem:\nHow fluent is this?\n{{answer}}", "a.prompty")

    assert said(found, answer="So") == [("user", "How fluent is this?\nSo")]
    assert any("Only a system message" in note for note in found.notes)


def test_a_picture_of_a_variable_is_an_image_variable() -> None:
    text = "---\nname: x\n---\nuser:\nWhat is it? ![photo]({{photo}}) and ![b](./b.png)\n"
    found = draft(PROMPTY, text, "a.prompty")

    assert {each.name: each.type for each in content(found).variables} == {"photo": VariableType.IMAGE}
    assert any("./b.png" in note for note in found.notes)


def test_a_picture_in_a_system_message_is_text() -> None:
    text = "---\nname: x\ninputs:\n- name: photo\n  kind: image\n---\nsystem:\n{{photo}}\nuser:\nGo.\n"

    assert content(draft(PROMPTY, text, "a.prompty")).variables[0].type == VariableType.STRING


def test_what_stands_elsewhere_is_told_and_not_read() -> None:
    text = (
        "---\nname: x\nmodel:\n  api: chat\n  configuration:\n    type: openai\n    name: ${env:MODEL}\n"
        "  parameters:\n    tools: ${file:tools.json}\n    temperature: 1\nsample: ${file:sample.json}\n---\n"
        "user:\nHi\n"
    )
    found = draft(PROMPTY, text, "a.prompty")

    assert content(found).default_parameters == {"temperature": 1}
    for name in ("${env:MODEL}", "${file:tools.json}", "${file:sample.json}"):
        assert any(name in note for note in found.notes)


def test_mustache_puts_values_in_and_its_sections_are_told() -> None:
    text = "---\nname: x\ntemplate: mustache\n---\nuser:\nHi {{{ first-name }}} {{#a}}b{{/a}}\n"
    found = draft(PROMPTY, text, "a.prompty")

    assert said(found, first_name="Ada") == [("user", "Hi Ada {{#a}}b{{/a}}")]
    assert any("Sections" in note for note in found.notes)


def test_a_name_is_that_of_the_file_where_none_is_given() -> None:
    assert draft(PROMPTY, "---\nmodel: gpt-4o\n---\nuser:\nHi", "folder/greet.prompty").entry["name"] == "greet"


@pytest.mark.parametrize(
    ("head", "place"),
    [
        ("model: [1]", "model"),
        ("model:\n  configuration: x", "model.configuration"),
        ("model:\n  parameters: [1]", "model.parameters"),
        ("inputs: 3", "inputs"),
        ("inputs: [x]", "inputs.0"),
        ("inputs:\n- kind: string", "inputs.0.name"),
        ("tags: {a: 1}", "tags"),
        ("name: [a]", "name"),
        ("tools: {a: 1}", "tools"),
        ("tools: [a]", "tools.0"),
        ("outputs: 3", "outputs"),
        ("metadata: x", "metadata"),
    ],
)
def test_what_is_none_is_refused_with_its_place(head: str, place: str) -> None:
    assert places(PROMPTY, f"---\n{head}\n---\nuser:\nHi\n", "a.prompty") == [place]


def test_a_file_without_text_is_refused() -> None:
    assert places(PROMPTY, "---\nname: x\n---\n", "a.prompty") == [""]
