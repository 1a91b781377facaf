"""Prompts of Langfuse."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings

from foundation.problems import Problem
from templates_app.exchange.formats.langfuse import LANGFUSE
from tests.templates_app.exchange.files import mangled, places, read, read_one, reads_or_refuses

TEXT: dict[str, Any] = {
    "id": "c1",
    "name": "movie critic",
    "version": 2,
    "type": "text",
    "prompt": "As a {{criticLevel}} critic: {{movie title}} \\ {x}",
    "config": {"model": "gpt-4o", "temperature": 0.5, "languages": ["en"]},
    "labels": ["production", "latest", "Team A"],
    "tags": ["movies"],
    "commitMessage": "Shorter",
    "createdAt": "2024-05-01T10:00:00.000Z",
}
CHAT: dict[str, Any] = {
    "name": "chat",
    "version": 1,
    "type": "chat",
    "prompt": [
        {"role": "system", "content": "Be {{tone}}."},
        {"type": "placeholder", "name": "chat history"},
        {"type": "chatmessage", "role": "user", "content": "{{question}}"},
    ],
    "config": None,
    "labels": [],
    "tags": [],
}


def test_a_text_comes_in_with_model_labels_tags_and_time():
    (draft,) = read(LANGFUSE, TEXT).templates
    assert draft.entry == {
        "name": "movie critic",
        "tags": ["movies"],
        "versions": [
            {
                "number": 2,
                "prompt": "As a {{criticLevel}} critic: {{movie_title}} \\ {x}",
                "model_id": "openai/gpt-4o",
                "default_parameters": {"temperature": 0.5},
                "note": "Shorter",
                "created_at": "2024-05-01T10:00:00+00:00",
            }
        ],
        "labels": {"production": 2},
    }
    assert draft.key == "movie critic"
    assert draft.notes == [
        "The variable 'movie title' is called movie_title here.",
        "Not carried over: languages.",
        "The label latest is not carried over: here the newest version is the current one.",
        "'Team A' is no label here, and left out.",
    ]


def test_a_chat_keeps_its_placeholders():
    version, notes = read_one(LANGFUSE, CHAT)
    assert version["messages"] == [
        {"role": "system", "content": "Be {{tone}}."},
        {"placeholder": "chat_history"},
        {"role": "user", "content": "{{question}}"},
    ]
    assert notes == ["The variable 'chat history' is called chat_history here."]


@pytest.mark.parametrize("form", ["list", "data", "prompts", "lines"])
def test_versions_of_one_name_become_one_template_in_their_order(form):
    items = [
        {**TEXT, "version": 3, "prompt": "third", "labels": ["production"], "tags": ["new"]},
        CHAT,
        {**TEXT, "version": 1, "prompt": "first", "labels": ["old"]},
    ]
    files = {
        "list": items,
        "data": {"data": items, "meta": {"page": 1, "totalPages": 1}},
        "prompts": {"prompts": items},
        "lines": "\n".join(map(json.dumps, items)),
    }
    drafts = read(LANGFUSE, files[form])
    assert [(each.entry["name"], len(each.entry["versions"])) for each in drafts.templates] == [
        ("movie critic", 2),
        ("chat", 1),
    ]
    entry = drafts.templates[0].entry
    assert [(each["number"], each["prompt"]) for each in entry["versions"]] == [(1, "first"), (3, "third")]
    assert entry["labels"] == {"old": 1, "production": 3}
    assert entry["tags"] == ["new"]


def test_prompts_within_prompts_are_partials():
    rules = [{**TEXT, "name": "Team/House rules", "version": number, "prompt": "Be kind."} for number in (2, 5)]
    outer = {
        **TEXT,
        "name": "outer",
        "prompt": "\n".join(
            f"@@@langfusePrompt:name={each}@@@{{{{x}}}}"
            for each in (
                "Team/House rules|version=5",
                "Team/House rules|label=production",
                "Team/House rules|label=latest",
                "Elsewhere|label=A B",
            )
        ),
    }
    drafts = read(LANGFUSE, [*rules, outer])
    assert drafts.templates[0].entry["slug"] == "teamhouse-rules"
    assert "slug" not in drafts.templates[1].entry
    assert drafts.templates[1].entry["versions"][0]["prompt"] == (
        "{{> teamhouse-rules@2}}{{x}}\n{{> teamhouse-rules@production}}{{x}}\n{{> teamhouse-rules}}{{x}}\n"
        "{{> elsewhere}}{{x}}"
    )
    assert drafts.templates[1].notes[:3] == [
        "It takes in the prompt Team/House rules: here that is {{> teamhouse-rules}}.",
        "It takes in the prompt Elsewhere, which is not in the file: bring a template of the slug elsewhere first.",
        "'A B' is no label here: the newest version of Elsewhere is meant.",
    ]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"name": 5}, "0.name"),
        ({"name": " "}, "0.name"),
        ({"version": "2"}, "0.version"),
        ({"version": 0}, "0.version"),
        ({"prompt": None}, "0.prompt"),
        ({"prompt": []}, "0.prompt"),
        ({"prompt": [5]}, "0.prompt.0"),
        ({"prompt": [{"type": "placeholder", "name": 5}]}, "0.prompt.0.name"),
        ({"prompt": [{"role": "user", "content": {}}]}, "0.prompt.0.content.0.text"),
        ({"labels": "production"}, "0.labels"),
    ],
)
def test_what_is_no_prompt_is_refused_at_its_place(changes, place):
    with pytest.raises(Problem) as caught:
        read(LANGFUSE, [{**TEXT, **changes}])
    assert places(caught.value) == [place]


def test_a_list_that_only_names_prompts_is_told_so():
    listed = {"data": [{"name": "a", "versions": [1, 2], "labels": [], "tags": [], "lastUpdatedAt": "2024-05-01"}]}
    with pytest.raises(Problem) as caught:
        read(LANGFUSE, listed)
    assert places(caught.value) == ["data.0.prompt"]


def test_a_version_that_is_there_twice_is_refused():
    with pytest.raises(Problem) as caught:
        read(LANGFUSE, [TEXT, CHAT, TEXT])
    assert places(caught.value) == ["2.version"]


@settings(max_examples=300, deadline=None)
@given(value=mangled([TEXT, CHAT, {"data": [TEXT, CHAT, {**TEXT, "version": 3}], "meta": {}}]))
def test_members_of_any_type_are_read_or_refused(value):
    reads_or_refuses(LANGFUSE, value)
