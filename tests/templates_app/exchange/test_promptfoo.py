"""Configurations of promptfoo."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from foundation.problems import Problem
from templates_app.content import Content, Engine, Variable, VariableType
from templates_app.exchange.formats.format import Choices
from templates_app.exchange.formats.promptfoo import PROMPTFOO
from templates_app.export_code.formats import FORMATS
from templates_app.rendering import plain
from templates_app.rendering.placeholders import names_in
from tests.templates_app.exchange.files import mangled, places, read, read_one, reads_or_refuses, source
from tests.templates_app.exporting_code import handover, hostile, plain_content
from tests.templates_app.whole_calls import TOOL

PROVIDERS = ["openai:gpt-4o"]
CHAT = [{"role": "system", "content": "Be {{tone}}."}, {"role": "user", "content": "Sum up {{text}}"}]
SAMPLES = [
    {
        "description": "Texts",
        "prompts": [
            "Say {{x}}",
            {"id": "a", "label": "A", "raw": json.dumps(CHAT), "config": {"temperature": 1}},
            CHAT,
        ],
        "providers": [{"id": "openai:chat:gpt-4o", "config": {"temperature": 0.2, "tools": [{"name": "f"}]}}, "echo"],
        "tests": [{"vars": {"x": [1]}, "assert": [{"type": "equals", "value": "a"}]}],
        "defaultTest": {"vars": {"y": 1}, "options": {"prefix": "a"}},
    },
    {
        "prompts": "{% for i in items %}{{ i }}{% endfor %}",
        "targets": [{"openai:gpt-4o": {"config": {"max_tokens": 5}}}],
        "tests": [{"vars": {"items": [1]}}],
    },
]


def config(prompts: Any, **others: Any) -> dict[str, Any]:
    return {"prompts": prompts, "providers": PROVIDERS, **others}


@pytest.mark.parametrize(
    "prompt",
    [
        CHAT,
        json.dumps(CHAT),
        json.dumps({"messages": CHAT}),
        "- role: system\n  content: Be {{tone}}.\n- role: user\n  content: Sum up {{text}}\n",
        {"label": "One", "raw": json.dumps(CHAT)},
        {"id": "one", "raw": json.dumps(CHAT)},
        '[{"role": "system", "content": "Be {{tone}}."}, {"role": "user", "content": "Sum up {{ text }}"}]',
    ],
)
def test_chats_are_read_in_every_form(prompt):
    version, notes = read_one(PROMPTFOO, config([prompt]))
    assert version == {"prompt": "Sum up {{text}}", "system_prompt": "Be {{tone}}.", "model_id": "openai/gpt-4o"}
    assert notes == []


def test_values_that_are_dumped_into_a_chat_are_places():
    raw = '[{"role": "user", "content": {{ text | dump }}}]'
    assert read_one(PROMPTFOO, config([raw]))[0]["prompt"] == "{{text}}"
    version, notes = read_one(PROMPTFOO, config(['[{"role": "user", "content": "{{ text | dump }}"}]']))
    assert version["prompt"] == "{{ text | tojson }}"
    assert version["engine"] == "jinja2"
    assert "It is written for Nunjucks and rendered by Jinja2 here, which differs in a few filters." in notes


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai:gpt-4o", "openai/gpt-4o"),
        ("openai:chat:gpt-4o", "openai/gpt-4o"),
        ("openai:responses:o3", "openai/o3"),
        ("anthropic:messages:claude-sonnet-4-5", "anthropic/claude-sonnet-4-5"),
        ("anthropic:claude-sonnet-4-5", "anthropic/claude-sonnet-4-5"),
        ("ollama:chat:llama3.1:8b", "ollama/llama3.1:8b"),
        ("google:gemini-2.0-flash", "gemini/gemini-2.0-flash"),
        ("openrouter:meta-llama/llama-3-8b", "openrouter/meta-llama/llama-3-8b"),
        ("litellm:anthropic/claude-3", "anthropic/claude-3"),
        ("azure:chat:my-deployment", "azure/my-deployment"),
        ("openai:assistant:asst_1", ""),
        ("openai:chat", ""),
        ("echo", ""),
        ("file://provider.py", ""),
        ("https://example.org/api", ""),
    ],
)
def test_the_provider_is_the_model(provider, model):
    version, notes = read_one(PROMPTFOO, {"prompts": ["Hi"], "providers": [provider]})
    assert version.get("model_id", "") == model
    assert bool(notes) == (not model)


def test_parameters_are_those_of_the_first_provider_and_secrets_are_not_repeated():
    given = config(
        ["Hi"],
        providers=[
            {
                "id": "openai:chat:gpt-4o",
                "config": {"temperature": 0.2, "apiKey": "sk-secret", "passthrough": {"n": 2}},
            },
            "anthropic:messages:claude-3",
        ],
    )
    version, notes = read_one(PROMPTFOO, given)
    assert version["default_parameters"] == {"temperature": 0.2}
    assert notes == [
        "Of its providers, openai:chat:gpt-4o is taken; left out: anthropic:messages:claude-3.",
        "Not carried over: apiKey, n.",
    ]


def test_prompts_of_other_files_are_told_and_the_others_come_in():
    given = config(["file://a.txt", "prompts/*.json", "b.py:make", "Write about {{x}}. See a.txt"], outputPath="a")
    drafts = read(PROMPTFOO, given)
    assert [draft.place for draft in drafts.templates] == ["prompts.3"]
    assert [note.partition(":")[0] for note in drafts.notes] == ["prompts.0", "prompts.1", "prompts.2"]
    with pytest.raises(Problem) as caught:
        read(PROMPTFOO, config(["file://a.txt"]))
    assert places(caught.value) == ["prompts"]


def test_prompts_of_files_that_came_along_come_in():
    files = {
        "a/prompts/one.txt": b"Say {{x}}\n---\nAsk {{y}}\n",
        "a/prompts/two.json": json.dumps(CHAT).encode(),
        "a/make.py": b"print()",
        "prompts/one.txt": b"Another",
    }
    given = config(
        ["file://prompts/*", {"id": "file://./prompts/two.json", "label": "Two"}, "file://make.py", "../x.txt"]
    )
    drafts = PROMPTFOO.read(source(given, "a/promptfooconfig.json"), Choices(files=files))
    assert [(each.entry["name"], each.entry["versions"][0]["prompt"]) for each in drafts.templates] == [
        ("one (1)", "Say {{x}}"),
        ("one (2)", "Ask {{y}}"),
        ("two", "Sum up {{text}}"),
        ("Two", "Sum up {{text}}"),
    ]
    assert [note.partition(":")[0] for note in drafts.notes] == ["prompts.2", "prompts.3"]


def test_tests_are_handed_on_as_they_stand():
    tests = [{"vars": {"x": "1"}, "assert": [{"type": "contains", "value": "a"}]}]
    given = config(["Say {{x}}"], tests=tests, defaultTest={"assert": []}, assertionTemplates={"a": {"type": "b"}})
    (draft,) = read(PROMPTFOO, given).templates
    assert draft.material == {
        "tests": {"tests": tests, "defaultTest": {"assert": []}, "assertionTemplates": {"a": {"type": "b"}}}
    }


def test_tests_of_other_files_are_told():
    here = {"vars": {"x": "1"}}
    drafts = read(PROMPTFOO, config(["Say {{x}}"], tests=["file://a.csv", here], defaultTest="file://b.yaml"))
    assert drafts.templates[0].material == {"tests": {"tests": [here]}}
    assert drafts.notes == [
        "tests: it stands in another file (file://a.csv), and is not carried over.",
        "defaultTest: it stands in another file (file://b.yaml), and is not carried over.",
    ]


def test_words_of_nunjucks_become_those_of_jinja2():
    prompt = "{% if x === 1 %}a === b{% elseif x !== 2 %}{{ x | dump }}{% endif %} | dump"
    version, _ = read_one(PROMPTFOO, config([prompt]))
    assert version["prompt"] == "{% if x == 1 %}a === b{% elif x != 2 %}{{ x | tojson }}{% endif %} | dump"


def test_names_come_from_labels_descriptions_or_the_text():
    drafts = read(PROMPTFOO, config([{"raw": "a", "label": "One"}, {"raw": "b", "label": "One"}, "Say {{x}} " * 9]))
    assert [draft.entry["name"] for draft in drafts.templates] == [
        "One",
        "One (2)",
        "Say {{x}} Say {{x}} Say {{x}} Say {{x}} Say {{x}} Say {{x}}…",
    ]
    assert drafts.templates[1].notes == ["Another one in the file is called One too."]
    (draft,) = read(PROMPTFOO, config(["a"], description="Two")).templates
    assert draft.entry["name"] == "Two"
    drafts = PROMPTFOO.read(source(config(["a"])), Choices(name="Three"))
    assert drafts.templates[0].entry["name"] == "Three"


@settings(max_examples=60, deadline=None)
@given(prompt=hostile, system_prompt=hostile, title=hostile)
def test_our_own_export_says_the_same_when_it_is_back(prompt, system_prompt, title):
    assume(prompt.strip() and "\x00" not in prompt + system_prompt + title)
    assume("\\{{{{" not in prompt + system_prompt)
    content = plain_content(prompt, system_prompt)
    made = FORMATS["promptfoo"].render(handover(content, {"a": "A", "c": {}}, name=title))
    version, _ = read_one(PROMPTFOO, made, "a.yaml")
    values = {name: f"<{name}>" for name in names_in(prompt, system_prompt)}
    assert version["model_id"] == "openai/gpt-4o"
    assert version.get("engine", "plain") == "plain"
    for before, after in ((prompt, version["prompt"]), (system_prompt, version.get("system_prompt", ""))):
        if before.strip():
            assert plain.render(after, values) == plain.render(before, values)


@settings(max_examples=60, deadline=None)
@given(turns=st.lists(st.tuples(st.sampled_from(["user", "assistant"]), hostile), min_size=2, max_size=4))
def test_our_own_export_of_messages_says_the_same_when_it_is_back(turns):
    assume(all(text.strip() and "\x00" not in text and "\\{{{{" not in text for _, text in turns))
    assume(any(role == "user" for role, _ in turns))
    said = [{"role": role, "content": text} for role, text in turns]
    content = Content.from_json({"prompt": "", "messages": said})
    version, _ = read_one(PROMPTFOO, FORMATS["promptfoo"].render(handover(content, {})), "a.yaml")
    values = {name: f"<{name}>" for name in names_in(*(text for _, text in turns))}
    assert [each["role"] for each in version["messages"]] == [role for role, _ in turns]
    for (_, before), after in zip(turns, version["messages"], strict=True):
        assert plain.render(after["content"], values) == plain.render(before, values)


@pytest.mark.parametrize(
    "text", ["Say {{ x }}\n", "{{ x | upper }}", "{% for y in x %}{{ y }}{% endfor %} {{ x | dump }}"]
)
def test_our_own_export_in_jinja2_is_back_word_for_word(text):
    content = Content(text, "Be {{ x }}.", (Variable("x"),), {}, Engine.JINJA2)
    made = FORMATS["promptfoo"].render(handover(content, {"x": "a"}))
    version, notes = read_one(PROMPTFOO, made, "a.yaml")
    assert (version["prompt"], version["system_prompt"], version["engine"]) == (text, "Be {{ x }}.", "jinja2")
    assert notes == []


@pytest.mark.parametrize("model_id", ["openai/gpt-4o", "anthropic/claude-sonnet-4-5", "ollama/llama3.1:8b"])
def test_our_own_export_of_a_whole_call_is_back_whole(model_id):
    parameters: dict[str, Any] = {
        "temperature": 0.5,
        "max_tokens": 50,
        "stop_sequences": ["END"],
        "tool_choice": {"name": "lookup"},
    }
    if model_id.startswith("ollama"):
        del parameters["tool_choice"]  # its API has none, which our export tells
    content = Content.from_json(
        {
            "prompt": "",
            "messages": [
                {"role": "system", "content": "Use {braces} and {{tone}}."},
                {"role": "user", "content": "Is {{x}} it?"},
                {"role": "assistant", "content": "Yes."},
                {"role": "user", "content": "Why?"},
            ],
            "tools": [{**TOOL, "name": "lookup"}],
            "default_parameters": parameters,
            "model_id": model_id,
        }
    )
    given = handover(content, {"x": "1", "tone": "a"}, name="Whole", model_id=model_id)
    (draft,) = read(PROMPTFOO, FORMATS["promptfoo"].render(given), "a.yml").templates
    assert draft.entry["name"] == "Whole"
    assert "description" not in draft.entry
    version = draft.entry["versions"][0]
    assert [*version.pop("messages"), version] == [
        *content.as_json()["messages"],
        {
            "model_id": model_id,
            "default_parameters": parameters,
            "tools": [dict(tool) for tool in content.tools],
        },
    ]


def test_our_own_export_of_jinja2_keeps_its_types():
    content = Content(
        "{% for x in items %}{{ x }}{% endfor %}", "", (Variable("items", VariableType.ARRAY),), {}, Engine.JINJA2
    )
    made = FORMATS["promptfoo"].render(handover(content, {"items": [1, 2]}))
    version, _ = read_one(PROMPTFOO, made, "a.yaml")
    assert version["prompt"] == content.prompt
    assert version["engine"] == "jinja2"
    assert version["variables"] == [{"name": "items", "type": "array"}]


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"prompts": 5, "tests": []}, "prompts"),
        ({"prompts": [5], "tests": []}, "prompts.0"),
        ({"prompts": [{"label": "a"}], "tests": []}, "prompts.0.raw"),
        ({"prompts": [{"raw": 5}], "tests": []}, "prompts.0"),
        ({"prompts": [{"role": "user", "content": 5}], "tests": []}, "prompts.0.0.content"),
        ({"prompts": ["a"], "providers": [5]}, "providers.0"),
        ({"prompts": ["a"], "providers": [{"id": 5}]}, "providers.0.id"),
        ({"prompts": [], "tests": []}, "prompts"),
    ],
)
def test_what_is_no_configuration_is_refused_at_its_place(value, place):
    with pytest.raises(Problem) as caught:
        read(PROMPTFOO, value)
    assert places(caught.value) == [place]


@settings(max_examples=300, deadline=None)
@given(value=mangled(SAMPLES))
def test_members_of_any_type_are_read_or_refused(value):
    reads_or_refuses(PROMPTFOO, value)
