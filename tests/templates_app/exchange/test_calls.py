"""What others call models, parameters, tools and messages."""

from __future__ import annotations

import pytest

from foundation.problems import Problem
from templates_app.exchange.formats.format import Draft
from templates_app.exchange.mapping.braces import Names
from templates_app.exchange.mapping.calls import call_of, model_id_of, parameters_of, tools_of
from tests.templates_app.whole_calls import PICTURE


@pytest.mark.parametrize(
    ("name", "provider", "expected"),
    [
        ("gpt-4o", "", "openai/gpt-4o"),
        ("o3-mini", "", "openai/o3-mini"),
        ("claude-sonnet-4-5", "", "anthropic/claude-sonnet-4-5"),
        ("gemini-2.0-flash", "", "gemini/gemini-2.0-flash"),
        ("openai/gpt-4o", "", "openai/gpt-4o"),
        ("meta-llama/Llama-3", "together_ai", "together_ai/meta-llama/Llama-3"),
        ("llama3.1", "Ollama", "ollama/llama3.1"),
        ("mine", "", ""),
        ("a b", "openai", ""),
        (5, "", ""),
        (None, "", ""),
    ],
)
def test_models_are_named_with_their_provider(name, provider, expected):
    draft = Draft({})
    assert model_id_of(name, draft, provider=provider) == expected
    assert bool(draft.notes) == (not expected and name is not None)


def test_parameters_have_our_names_and_what_is_none_is_told():
    draft = Draft({})
    made = parameters_of(
        {
            "temperature": 0.5,
            "maxOutputTokens": 100,
            "topP": 0.9,
            "stop": "END",
            "reasoning": {"effort": "xhigh", "summary": "auto"},
            "tool_choice": {"type": "function", "function": {"name": "f"}},
            "text": {"format": {"type": "json_schema", "name": "a", "schema": {"type": "object"}, "strict": True}},
            "presence_penalty": "much",
            "seed": None,
            "stream": True,
            "logit_bias": {},
        },
        draft,
    )
    assert made == {
        "temperature": 0.5,
        "max_tokens": 100,
        "top_p": 0.9,
        "stop_sequences": ["END"],
        "reasoning_effort": "high",
        "tool_choice": {"name": "f"},
        "response_format": {
            "type": "json_schema",
            "json_schema": {"schema": {"type": "object"}, "name": "a", "strict": True},
        },
    }
    assert draft.notes == [
        "reasoning_effort: xhigh is not known here, high is taken.",
        "presence_penalty: 'much' is no value of it here, so it is left out.",
        "Not carried over: logit_bias, reasoning_summary.",
    ]


def test_tools_of_three_kinds_are_ours():
    draft = Draft({})
    given = [
        {"type": "function", "function": {"name": "a", "description": "A", "parameters": {"type": "object"}}},
        {"type": "function", "name": "b", "parameters": {"type": "object"}, "strict": True},
        {"name": "c", "input_schema": {"type": "object"}},
        {"type": "web_search"},
        {"name": "a"},
    ]
    assert tools_of(given, draft, "tools") == [
        {"name": "a", "description": "A", "parameters": {"type": "object"}},
        {"name": "b", "parameters": {"type": "object"}},
        {"name": "c", "parameters": {"type": "object"}},
    ]
    assert draft.notes == [
        "tools.3: the tool web_search is the provider's own, and left out.",
        "tools.4: the tool is left out: a stands in the list twice.",
    ]


def test_a_system_message_alone_gets_a_place_for_what_is_asked():
    draft = Draft({})
    made = call_of({"messages": [{"role": "developer", "content": "Be kind."}]}, draft, Names(draft))
    assert made == {"prompt": "{{input}}", "system_prompt": "Be kind."}
    assert draft.notes == ["Nobody asks anything in it: {{input}} stands at its end for what the user says."]


def test_calls_of_tools_and_pictures_by_address_are_told():
    draft = Draft({})
    picture = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
    made = call_of(
        {
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": "What is it?"}, picture]},
                {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]},
                {"role": "tool", "tool_call_id": "1", "content": "42"},
                {"role": "system", "content": "Late."},
                {"role": "assistant", "content": "A thing.", "name": "bob"},
                {"role": "user", "content": " "},
            ]
        },
        draft,
        Names(draft),
    )
    assert made == {
        "messages": [
            {"role": "system", "content": "Late."},
            {"role": "user", "content": "What is it?"},
            {"role": "assistant", "content": "A thing."},
        ]
    }
    assert draft.notes == [
        "messages.0.content.1: the image_url is not carried over: only pictures and files with their bytes are.",
        "messages.1: calls of tools and what they answered are left out of the messages.",
        "messages.2: calls of tools and what they answered are left out of the messages.",
        "messages.4: not carried over: name.",
        "messages.5: a message without text is left out.",
        "A system message stands between others: here system messages stand before all others.",
    ]


def test_pictures_with_their_bytes_come_in_where_the_user_says_them():
    pixel = {"type": "image_url", "image_url": {"url": PICTURE["data_url"]}}
    draft = Draft({})
    messages = [{"role": role, "content": [{"type": "text", "text": "a"}, pixel]} for role in ("user", "assistant")]
    made = call_of({"messages": messages}, draft, Names(draft))
    assert made["messages"] == [
        {
            "role": "user",
            "content": [{"type": "text", "text": "a"}, {"type": "image", "data_url": PICTURE["data_url"]}],
        },
        {"role": "assistant", "content": [{"type": "text", "text": "a"}]},
    ]
    assert draft.notes == [
        "messages.1.content: pictures and files stand in messages of the user only, so they are left out."
    ]


@pytest.mark.parametrize(
    ("request_", "place"),
    [
        ({"messages": "x"}, ""),
        ({"messages": {}}, "messages"),
        ({"messages": [5]}, "messages.0"),
        ({"messages": [{"role": 5, "content": "a"}]}, "messages.0.role"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages.0.content"),
        ({"messages": [{"role": "user", "content": [{"text": 5}]}]}, "messages.0.content.0.text"),
        ({"messages": [{"role": "user", "content": "a"}], "tools": {}}, "tools"),
        ({"messages": [{"role": "user", "content": "a"}], "tools": [3]}, "tools.0"),
        ({"messages": []}, ""),
    ],
)
def test_what_is_no_call_is_refused_at_its_place(request_, place):
    draft = Draft({})
    if request_["messages"] == "x":
        assert call_of(request_, draft, Names(draft)) == {"prompt": "x"}
        return
    with pytest.raises(Problem) as caught:
        call_of(request_, draft, Names(draft))
    assert [each["field"] for each in caught.value.errors] == [place]
