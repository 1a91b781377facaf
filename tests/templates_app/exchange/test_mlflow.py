from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
import pytest

from templates_app.exchange.formats.format import Draft
from templates_app.exchange.formats.mlflow import MLFLOW
from tests.templates_app.exchange.reading import content, contents, draft, drafts, places, said

OF_GENAI = {
    "name": "summarize",
    "version": 3,
    "template": "Summarize {{ text }} in {{num-sentences}} sentences. {kept}",
    "commit_message": "Shorter",
    "creation_timestamp": 1_700_000_000_000,
    "tags": {"author": "somebody"},
    "aliases": ["production", "Best.One", "9"],
    "response_format": {"type": "object", "properties": {"a": {"type": "string"}}, "title": "Summary"},
    "model_config": {"provider": "openai", "model_name": "gpt-4o", "temperature": 0.1, "top_k": 3},
}


def of_rest(
    version: int, text: str, *, kind: str = "text", aliases: Sequence[str] = (), name: str = "greet"
) -> dict[str, Any]:
    tags = {"mlflow.prompt.is_prompt": "true", "mlflow.prompt.text": text, "_mlflow_prompt_type": kind}
    return {
        "name": name,
        "version": str(version),
        "creation_timestamp": 1_700_000_000_000 + version,
        "description": f"Change {version}",
        "tags": [{"key": key, "value": value} for key, value in tags.items()],
        "aliases": list(aliases),
    }


def read(value: Any) -> Draft:
    return draft(MLFLOW, orjson.dumps(value))


def test_a_version_as_genai_writes_it():
    found = read(OF_GENAI)
    made = content(found)

    assert (found.entry["name"], found.key) == ("summarize", "summarize")
    assert found.entry["labels"] == {"production": 3, "best-one": 3}
    assert found.entry["versions"][0]["note"] == "Shorter"
    assert found.entry["versions"][0]["created_at"] == "2023-11-14T22:13:20Z"
    assert (made.model_id, made.default_parameters) == ("openai/gpt-4o", {"temperature": 0.1})
    assert made.response_format is not None
    assert made.response_format["json_schema"]["name"] == "Summary"
    assert said(found, text="it", num_sentences="2") == [("user", "Summarize it in 2 sentences. {kept}")]
    notes = " ".join(found.notes)
    for word in ("author", "top_k", "'9'", "best-one"):
        assert word in notes


def test_versions_of_the_rest_api_are_one_template_in_their_order():
    messages = [{"role": "system", "content": "Be {{tone}}."}, {"role": "user", "content": "{{q}}"}]
    listed = [of_rest(2, orjson.dumps(messages).decode(), kind="chat", aliases=["live"]), of_rest(1, "Hi {{name}}")]
    found = read({"model_versions": listed, "next_page_token": "x"})

    assert [version["number"] for version in found.entry["versions"]] == [1, 2]
    assert found.entry["labels"] == {"live": 2}
    first, second = contents(found)
    assert first.prompt == "Hi {{name}}"
    assert (second.system_prompt, second.prompt) == ("Be {{tone}}.", "{{q}}")


def test_a_registered_prompt_says_what_holds_for_all_its_versions():
    prompt = {
        "name": "greet",
        "description": "Greets",
        "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}, {"key": "team", "value": "web"}],
        "aliases": [{"alias": "live", "version": "1"}, {"alias": "gone", "version": "7"}],
        "latest_versions": [],
    }
    found = read({"registered_model": prompt, "model_versions": [of_rest(1, "Hi")]})

    assert (found.entry["description"], found.entry["tags"]) == ("Greets", ["team: web"])
    assert found.entry["labels"] == {"live": 1}
    assert any("gone" in note for note in found.notes)


def test_a_model_that_is_no_prompt_is_left_out_and_told():
    value = {"registered_models": [{"name": "a-model"}], "model_versions": [of_rest(1, "Hi")]}
    found = drafts(MLFLOW, orjson.dumps(value))

    assert [each.entry["name"] for each in found.templates] == ["greet"]
    assert any("a-model" in note for note in found.notes)


def test_a_list_and_lines_of_versions():
    other = {**OF_GENAI, "name": "other", "version": 1}
    for text in (orjson.dumps([OF_GENAI, other]), orjson.dumps(OF_GENAI) + b"\n" + orjson.dumps(other)):
        assert [each.key for each in drafts(MLFLOW, text).templates] == ["summarize", "other"]


def test_a_text_with_logic_is_jinja():
    found = read({**OF_GENAI, "template": "{% if a == 'x' %}{{ b | upper }}{% endif %}"})

    assert said(found, a="x", b="hi") == [("user", "HI")]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"name": [1]}, "name"),
        ({"version": "x"}, "version"),
        ({"version": 0}, "version"),
        ({"version": True}, "version"),
        ({"template": {"a": 1}}, "template"),
        ({"template": [3]}, "template.0"),
        ({"aliases": 3}, "aliases"),
        ({"aliases": [[1]]}, "aliases.0"),
        ({"model_config": 3}, "model_config"),
        ({"response_format": [1]}, "response_format"),
        ({"commit_message": [1]}, "commit_message"),
    ],
)
def test_what_is_none_is_refused_with_its_place(change, place):
    assert places(MLFLOW, orjson.dumps({**OF_GENAI, **change})) == [place]


def test_a_version_that_is_there_twice_is_refused():
    assert places(MLFLOW, orjson.dumps([of_rest(1, "a"), of_rest(1, "b")])) == ["1.version"]


def test_a_chat_that_is_no_json_is_refused():
    value = {"model_versions": [of_rest(1, "[", kind="chat")]}
    assert places(MLFLOW, orjson.dumps(value)) == ["model_versions.0.tags.mlflow.prompt.text"]
