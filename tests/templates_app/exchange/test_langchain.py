"""Prompts of LangChain."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from foundation.problems import Problem
from templates_app.exchange.formats.format import Choices
from templates_app.exchange.formats.langchain import LANGCHAIN
from templates_app.exchange.source import Source
from templates_app.rendering import plain
from tests.templates_app.exchange.files import mangled, places, read, read_one, reads_or_refuses, source


def built(path: str, **kwargs: Any) -> dict[str, Any]:
    """An object as `dumps` writes it."""
    return {"lc": 1, "type": "constructor", "id": ["langchain", *path.split(".")], "kwargs": kwargs}


def template(text: str, **kwargs: Any) -> dict[str, Any]:
    kwargs = {"template_format": "f-string", "input_variables": [], **kwargs}
    return built("prompts.prompt.PromptTemplate", template=text, **kwargs)


def says(who: str, text: Any, **kwargs: Any) -> dict[str, Any]:
    inner = template(text, **kwargs) if isinstance(text, str) else text
    return built(f"prompts.chat.{who}MessagePromptTemplate", prompt=inner)


def chat(*messages: Any, **kwargs: Any) -> dict[str, Any]:
    return built("prompts.chat.ChatPromptTemplate", messages=list(messages), input_variables=[], **kwargs)


SYSTEM, HUMAN, AI = says("System", "Be {tone}."), says("Human", "Sum up {text} as {{json}}"), says("AI", "Done.")
SLOT = built("prompts.chat.MessagesPlaceholder", variable_name="history", optional=True)
MODEL = built(
    "chat_models.openai.ChatOpenAI", model_name="gpt-4o", temperature=0.2, openai_api_key={"lc": 1, "type": "secret"}
)
SEQUENCE = built("schema.runnable.RunnableSequence", first=chat(SYSTEM, HUMAN), last=MODEL)
FEW: dict[str, Any] = {
    "_type": "few_shot",
    "input_variables": ["adjective"],
    "prefix": "Write {{antonyms}}.",
    "example_prompt": {"_type": "prompt", "input_variables": ["a", "b"], "template": "In: {a}\nOut: {b}"},
    "examples": [{"a": "happy", "b": "sad"}, {"a": "{x}", "b": "{{y}}"}],
    "suffix": "In: {adjective}\nOut:",
}
PROMPT: dict[str, Any] = {"_type": "prompt", "input_variables": ["topic"], "template": "Tell me of {topic}."}
CHAIN: dict[str, Any] = {
    "memory": None,
    "verbose": False,
    "prompt": PROMPT,
    "llm": {"model_name": "gpt-4", "temperature": 0.5, "n": 1, "_type": "openai"},
    "_type": "llm_chain",
}


def test_a_chat_of_the_hub_keeps_its_messages_and_places():
    version, notes = read_one(LANGCHAIN, chat(SYSTEM, HUMAN))
    assert version == {"system_prompt": "Be {{tone}}.", "prompt": "Sum up {{text}} as {json}"}
    assert notes == []
    version, _ = read_one(LANGCHAIN, chat(SYSTEM, SLOT, HUMAN, AI, HUMAN))
    assert version["messages"] == [
        {"role": "system", "content": "Be {{tone}}."},
        {"placeholder": "history"},
        {"role": "user", "content": "Sum up {{text}} as {json}"},
        {"role": "assistant", "content": "Done."},
        {"role": "user", "content": "Sum up {{text}} as {json}"},
    ]
    assert {"name": "history", "type": "messages", "required": False} in version["variables"]


def test_a_place_for_messages_that_need_not_be_there_is_optional():
    said = chat(SYSTEM, SLOT, HUMAN, partial_variables={"history": []}, optional_variables=["history"])
    version, notes = read_one(LANGCHAIN, said)
    assert version["variables"][1] == {"name": "history", "required": False, "type": "messages"}
    assert notes == []
    _, notes = read_one(LANGCHAIN, chat(SLOT, HUMAN, partial_variables={"history": [{"content": "a"}]}))
    assert notes == ["The messages that history holds beforehand are not carried over."]


def test_what_langchain_does_not_write_down_is_told():
    unwritten = {"lc": 1, "type": "not_implemented", "id": ["langchain", "prompts", "few_shot", "X"], "repr": "X()"}
    _, notes = read_one(LANGCHAIN, chat(SYSTEM, unwritten, HUMAN))
    assert notes == ["kwargs.messages.1: LangChain did not write down what it is, so it is left out."]
    with pytest.raises(Problem):
        read(LANGCHAIN, unwritten)


@pytest.mark.parametrize("wrapper", ["manifest", "committed_prompt"])
def test_a_commit_of_the_hub_has_the_name_of_its_repository(wrapper):
    commit = {"owner": "me", "repo": "rag-prompt", "commit_hash": "abc", wrapper: SEQUENCE}
    (draft,) = read(LANGCHAIN, commit).templates
    assert draft.entry["name"] == "rag-prompt"
    assert draft.entry["versions"][0]["model_id"] == "openai/gpt-4o"
    assert draft.entry["versions"][0]["default_parameters"] == {"temperature": 0.2}
    assert draft.notes == []


def test_languages_of_templates_become_ours():
    assert read_one(LANGCHAIN, template("{{x}} {y} {{{z}}}", template_format="mustache"))[0] == {
        "prompt": "{{x}} {y} {{z}}"
    }
    assert read_one(LANGCHAIN, template("{{ x }} {y}", template_format="jinja2"))[0] == {"prompt": "{{x}} {y}"}
    version, _ = read_one(
        LANGCHAIN,
        chat(says("System", "{x} {{y}} {{% z %}}"), says("Human", "{% if x %}a{% endif %}", template_format="jinja2")),
    )
    assert version == {
        "system_prompt": "{{ x }} {y} {{ '{' }}% z %}",
        "prompt": "{% if x %}a{% endif %}",
        "engine": "jinja2",
    }
    version, notes = read_one(LANGCHAIN, template("{{#list}}{{a}}{{/list}}", template_format="mustache"))
    assert version == {"prompt": "{{#list}}{{a}}{{/list}}"}
    assert notes == ["Sections, partials and comments of Mustache are not carried over: they stay as text."]


def test_examples_are_written_out():
    version, notes = read_one(LANGCHAIN, FEW)
    assert plain.render(version["prompt"], {"adjective": "funny"}) == (
        "Write {antonyms}.\n\nIn: happy\nOut: sad\n\nIn: {x}\nOut: {{y}}\n\nIn: funny\nOut:"
    )
    assert notes == ["Its examples are written out in it."]
    inner = built(
        "prompts.few_shot.FewShotChatMessagePromptTemplate",
        examples=[{"a": "1", "b": "2"}],
        example_prompt=chat(says("Human", "{a}"), says("AI", "{b}")),
    )
    version, _ = read_one(LANGCHAIN, chat(SYSTEM, inner, HUMAN))
    assert [each["content"] for each in version["messages"][1:3]] == ["1", "2"]


def test_what_stands_in_other_files_is_told():
    version, notes = read_one(LANGCHAIN, {**FEW, "examples": "examples.json"})
    assert version["prompt"] == "Write {antonyms}.\n\nIn: {{adjective}}\nOut:"
    assert notes == ["examples: its examples stand elsewhere (examples.json), and are not carried over."]
    with pytest.raises(Problem) as caught:
        read(LANGCHAIN, {"_type": "prompt", "input_variables": ["a"], "template_path": "a.txt"})
    assert places(caught.value) == ["template"]


def test_values_that_are_filled_in_beforehand_are_defaults():
    made_elsewhere = {"lc": 1, "type": "not_implemented", "id": ["x"], "repr": "<function>"}
    partials = {"day": "Monday", "n": 3, "now": made_elsewhere}
    version, notes = read_one(LANGCHAIN, template("{day} {n} {now} {x}", partial_variables=partials))
    assert version["variables"] == [
        {"name": "day", "type": "string", "default_value": "Monday", "required": False},
        {"name": "n", "type": "number", "default_value": 3, "required": False},
        {"name": "now"},
        {"name": "x"},
    ]
    assert notes == ["The value of now is made by a program, and not carried over."]


def test_pictures_are_variables():
    picture = built("prompts.image.ImagePromptTemplate", template={"url": "{photo}"}, input_variables=["photo"])
    version, notes = read_one(LANGCHAIN, chat(says("Human", [template("What is {x}?"), picture])))
    assert version["messages"][0]["content"][1] == {"type": "text", "text": "{{photo}}"}
    assert {"name": "photo", "type": "image"} in version["variables"]
    assert notes == ["photo is a picture here: upload it, where LangChain takes its address."]


def test_what_is_neither_text_nor_a_picture_is_told():
    _, notes = read_one(LANGCHAIN, chat(SYSTEM, says("Human", {"kwargs": 5}), HUMAN))
    assert notes == ["kwargs.messages.1.prompt.0: what is no text is not carried over."]


def test_a_structured_prompt_asks_for_its_schema():
    schema = {"title": "An answer", "type": "object", "properties": {"a": {"type": "string"}}}
    version, _ = read_one(LANGCHAIN, built("prompts.structured.StructuredPrompt", messages=[HUMAN], schema_=schema))
    assert version["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "An_answer", "schema": schema},
    }


def test_older_files_and_chains_are_read():
    assert read_one(LANGCHAIN, yaml.safe_dump(PROMPT), "a.yaml")[0] == {"prompt": "Tell me of {{topic}}."}
    (draft,) = read(LANGCHAIN, CHAIN, "topics.json").templates
    assert draft.entry == {
        "name": "topics",
        "versions": [
            {
                "prompt": "Tell me of {{topic}}.",
                "model_id": "openai/gpt-4",
                "default_parameters": {"temperature": 0.5},
            }
        ],
    }
    several = {**CHAIN, "answer_prompt": PROMPT}
    assert [each.entry["name"] for each in read(LANGCHAIN, several, "topics.json").templates] == [
        "topics",
        "answer_prompt",
    ]


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from(list("{}\\a x%#")), max_size=20), st.text(max_size=5))
def test_an_f_string_says_what_it_says_in_python(text, value):
    assume(not text.endswith(("\\", "\\{")) and "\\{{>" not in text)
    escaped = text.replace("{", "{{").replace("}", "}}")
    version, _ = read_one(LANGCHAIN, template(f"{escaped}{{x}}"))
    assert plain.render(version["prompt"], {"x": value}) == f"{text}{value}"


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (template("a") | {"kwargs": {"template": 5}}, "kwargs.template"),
        (template("a", template_format="go"), "kwargs.template_format"),
        ({**PROMPT, "template_format": "go"}, "template_format"),
        (chat(5), "kwargs.messages.0"),
        (built("prompts.chat.ChatPromptTemplate", messages={}), "kwargs.messages"),
        (chat(built("prompts.chat.MessagesPlaceholder", variable_name=5)), "kwargs.messages.0.variable_name"),
        ({**FEW, "examples": {}}, "examples"),
        ({**FEW, "examples": [5]}, "examples.0"),
        ({**FEW, "examples": [{"a": "1"}]}, "examples.0"),
        ({**FEW, "example_prompt": None}, "example_prompt"),
        ({**FEW, "example_separator": 5}, "example_separator"),
    ],
)
def test_what_is_no_prompt_is_refused_at_its_place(value, place):
    with pytest.raises(Problem) as caught:
        LANGCHAIN.read(source(value), Choices())
    assert places(caught.value) == [place]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"template": "a", "name": "b"}),
        json.dumps({"lc": 1, "type": "constructor", "id": ["langchain", "x", "ChatOpenAI"], "kwargs": {}}),
        json.dumps({"_type": "llm", "model": "a"}),
        json.dumps({"messages": [{"role": "user", "content": "a"}], "model": "b"}),
        "template: a\ntemplate_format: handlebars\nname: b\n",
        "name: a\ntemplate: b\ntemplate_format: semantic-kernel\ninput_variables:\n- name: c\n",
        "name: a\ntemplate: b\ninput_variables:\n- name: c\n",
        "Hi {x}",
    ],
)
def test_other_files_are_none(text):
    assert not LANGCHAIN.recognises(Source(text.encode()))


@settings(max_examples=400, deadline=None)
@given(value=mangled([chat(SYSTEM, SLOT, HUMAN), SEQUENCE, FEW, PROMPT, CHAIN, {"repo": "a", "manifest": SEQUENCE}]))
def test_members_of_any_type_are_read_or_refused(value):
    reads_or_refuses(LANGCHAIN, value)
