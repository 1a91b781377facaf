"""Requests and prompts of OpenAI, and requests to this service."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.problems import Problem
from templates_app.exchange.formats.format import Choices
from templates_app.exchange.formats.openai_prompt import OPENAI_PROMPT
from templates_app.exchange.source import Source
from tests.templates_app.exchange.files import mangled, places, read, read_one, reads_or_refuses, source

CHAT: dict[str, Any] = {
    "model": "gpt-4o",
    "messages": [
        {"role": "system", "content": "Be {{tone}}."},
        {"role": "user", "content": [{"type": "text", "text": "Sum up {{text}}"}]},
    ],
    "temperature": 0.3,
    "max_completion_tokens": 100,
    "stop": ["END"],
    "response_format": {"type": "json_object"},
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
    "stream": True,
}
RESPONSES: dict[str, Any] = {
    "model": "o3",
    "instructions": "Be {{tone}}.",
    "input": [{"role": "user", "content": [{"type": "input_text", "text": "Sum up {{text}}"}]}],
    "reasoning": {"effort": "low"},
    "text": {"format": {"type": "json_schema", "name": "a", "schema": {"type": "object"}, "strict": True}},
    "max_output_tokens": 100,
    "tools": [{"type": "function", "name": "f", "parameters": {"type": "object"}}, {"type": "web_search"}],
    "truncation": "auto",
}
PROMPT: dict[str, Any] = {
    "id": "pmpt_abc",
    "object": "prompt",
    "name": "Summaries",
    "version": "3",
    "variables": {"tone": "kind"},
    **RESPONSES,
}
OURS: dict[str, Any] = {
    "model_id": "mine/model",
    "prompt": "Sum up {{text}}",
    "system_prompt": "Be {{tone}}.",
    "parameters": {"temperature": 0.3, "max_tokens": 5},
    "variables": {},
}
SAID = {"prompt": "Sum up {{text}}", "system_prompt": "Be {{tone}}."}


def test_a_request_of_chat_completions_is_a_template():
    version, notes = read_one(OPENAI_PROMPT, CHAT)
    assert version == {
        **SAID,
        "model_id": "openai/gpt-4o",
        "tools": [{"name": "f", "parameters": {"type": "object"}}],
        "response_format": {"type": "json_object"},
        "default_parameters": {"temperature": 0.3, "max_tokens": 100, "stop_sequences": ["END"]},
    }
    assert notes == []


def test_a_bare_list_of_messages_is_a_template():
    assert read_one(OPENAI_PROMPT, CHAT["messages"])[0] == SAID


def test_a_request_of_the_responses_api_is_a_template():
    version, notes = read_one(OPENAI_PROMPT, RESPONSES)
    assert version == {
        **SAID,
        "model_id": "openai/o3",
        "tools": [{"name": "f", "parameters": {"type": "object"}}],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "a", "schema": {"type": "object"}, "strict": True},
        },
        "default_parameters": {"reasoning_effort": "low", "max_tokens": 100},
    }
    assert notes == [
        "tools.1: the tool web_search is the provider's own, and left out.",
        "Not carried over: truncation.",
    ]


@pytest.mark.parametrize("wrapper", ["prompt", "body", "request"])
def test_a_prompt_object_keeps_its_name_and_values(wrapper):
    for value in (PROMPT, {wrapper: PROMPT}):
        (draft,) = read(OPENAI_PROMPT, value).templates
        assert draft.entry["name"] == "Summaries"
        assert draft.key == "pmpt_abc"
        assert draft.entry["versions"][0]["variables"] == [
            {"name": "tone", "default_value": "kind", "required": False},
            {"name": "text"},
        ]


@pytest.mark.parametrize(
    "value",
    [
        {"id": "pmpt_abc", "version": "2", "variables": {"x": "1"}},
        {"model": "gpt-4o", "prompt": {"id": "pmpt_abc", "version": "2"}},
    ],
)
def test_a_prompt_without_its_text_is_told_what_to_copy(value):
    with pytest.raises(Problem) as caught:
        read(OPENAI_PROMPT, value)
    assert caught.value.errors[0]["code"] == "no_text"
    assert "pmpt_abc" in caught.value.errors[0]["message"]


def test_a_request_to_this_service_that_holds_its_text_comes_in():
    version, notes = read_one(OPENAI_PROMPT, OURS)
    assert version == {
        **SAID,
        "model_id": "mine/model",
        "default_parameters": {"temperature": 0.3, "max_tokens": 5},
    }
    assert notes == []


@settings(max_examples=100, deadline=None)
@given(text=st.text(st.sampled_from(list("'\"\\$`! \nax")), min_size=1, max_size=20).filter(str.strip))
def test_curl_is_read_as_a_shell_reads_it(text):
    body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": text}]})
    doubled = body.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$").replace("`", "\\`")
    for word in (shlex.quote(body), "'" + body.replace("'", "'\\''") + "'", f'"{doubled}"'):
        made = f"curl https://api.openai.com/v1/chat/completions \\\n  -H 'Authorization: Bearer x' \\\n  -d {word}\n"
        assert read_one(OPENAI_PROMPT, made, "")[0]["prompt"] == text
    here = f"curl https://example.org -d @- <<'EOF'\n{body}\nEOF\n"
    assert read_one(OPENAI_PROMPT, here, "")[0]["prompt"] == text


def test_python_that_calls_the_sdk_is_read_and_never_run():
    code = f"""from openai import OpenAI
client = OpenAI()

response = client.responses.create(
  model="o3", input={RESPONSES["input"]!r}, instructions="Be {{{{tone}}}}.", reasoning={{"effort": "low"}},
  temperature=exit(), store=True, metadata={{1: 2}},
)
print(response.output_text)
"""
    version, notes = read_one(OPENAI_PROMPT, code, "")
    assert version == {**SAID, "model_id": "openai/o3", "default_parameters": {"reasoning_effort": "low"}}
    assert notes == ["Not written out in the code, and so not carried over: metadata, temperature."]
    for other in (
        "client.responses.create(model=MODEL, input=TEXT)",
        "x.create(",
        "x.create(a=1)",
        "(" * 9_999 + ".create(",
    ):
        assert not OPENAI_PROMPT.recognises(Source(other.encode()))


def test_names_come_from_the_request_the_choice_the_file_or_the_text():
    chat = source(CHAT, "")
    assert OPENAI_PROMPT.read(chat, Choices()).templates[0].entry["name"] == "Sum up {{text}}"
    assert OPENAI_PROMPT.read(chat, Choices(name="Mine")).templates[0].entry["name"] == "Mine"
    assert OPENAI_PROMPT.read(source(CHAT, "a/sums.json"), Choices()).templates[0].entry["name"] == "sums"


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"messages": [5]}, "messages.0"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages.0.content"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "user", "content": [{"type": 5}]}]}, "messages.0.content.0"),
        ({"tools": {"a": 1}}, "tools"),
        ({"tools": ["a"]}, "tools.0"),
    ],
)
def test_what_is_no_request_is_refused_at_its_place(changes, place):
    with pytest.raises(Problem) as caught:
        OPENAI_PROMPT.read(source({**CHAT, **changes}), Choices())
    assert places(caught.value) == [place]


@pytest.mark.parametrize(
    "text",
    [
        "name: a\nmodel: gpt-4o\nmessages:\n- role: user\n  content: a\n",
        '{"format": "llm-playground-templates", "version": 1, "templates": []}',
        '{"prompts": ["a"], "providers": ["openai:gpt-4o"], "model": "a", "input": "b"}',
        '{"name": "a", "prompt": "b", "type": "text", "version": 1}',
        '{"messages": [{"role": "user", "content": "a"}], "id": "x", "mapping": {}}',
        "curl https://example.org",
        "curl https://example.org -d 'a=b'",
        "[]",
        "Hi",
    ],
)
def test_other_texts_are_none(text):
    assert not OPENAI_PROMPT.recognises(Source(text.encode()))


@settings(max_examples=300, deadline=None)
@given(value=mangled([CHAT, RESPONSES, PROMPT, OURS, {"body": CHAT}]))
def test_members_of_any_type_are_read_or_refused(value):
    reads_or_refuses(OPENAI_PROMPT, value)
