"""Whatever stands where something else is expected: a file is read, or refused with a place."""

from __future__ import annotations

import copy
from typing import Any

import orjson
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.problems import Problem
from templates_app.exchange.formats.dotprompt import DOTPROMPT
from templates_app.exchange.formats.format import Choices, Drafts
from templates_app.exchange.formats.github_models import GITHUB_MODELS
from templates_app.exchange.formats.llm_playground import LLM_PLAYGROUND
from templates_app.exchange.formats.mlflow import MLFLOW
from templates_app.exchange.formats.prompty import PROMPTY
from templates_app.exchange.formats.text import TEXT
from templates_app.exchange.source import Source
from tests.templates_app.exchange import samples
from tests.templates_app.exchange.reading import tried

ODD: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", " ", "x", "${env:A:b}", "{{a}}", "{{#if}}", "{%", "system:", "\u0000", "9" * 400, "a\nb"]),
    st.sampled_from([[], {}, [[]], [{}], [None], ["x"], {"a": 1}, {"": {}}, {"type": "object"}, {"properties": 3}]),
)
BODY = "system:\nBe {{tone}}.\nuser:\nHi {{a}}\n"
HANDLEBARS = '{{role "system"}}{{#if a}}x{{/if}}{{role "user"}}{{#each d}}{{e}}{{/each}}{{media url=a}}'


def places_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every member, the whole included."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for name, each in inner for found in places_in(each, (*path, name)))]


def changed(value: Any, changes: list[tuple[int, Any]]) -> Any:
    """The value with others in the places of some of its members."""
    made = copy.deepcopy(value)
    for number, odd in changes:
        found = places_in(made)
        path = found[number % len(found)]
        if not path:
            made = copy.deepcopy(odd)
            continue
        holder = made
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = copy.deepcopy(odd)
    return made


def as_front(value: Any, body: str) -> bytes:
    return f"---\n{yaml.safe_dump(value)}\n---\n{body}".encode()


WAYS = [
    pytest.param(PROMPTY, samples.PROMPTY_FRONT, lambda value: as_front(value, BODY), "a.prompty", id="prompty"),
    pytest.param(
        DOTPROMPT, samples.DOTPROMPT_FRONT, lambda value: as_front(value, HANDLEBARS), "a.prompt", id="dotprompt"
    ),
    pytest.param(GITHUB_MODELS, samples.GITHUB, orjson.dumps, "a.prompt.yml", id="github-models"),
    pytest.param(MLFLOW, samples.MLFLOW_VERSIONS, orjson.dumps, "a.json", id="mlflow"),
    pytest.param(LLM_PLAYGROUND, samples.OURS, orjson.dumps, "a.json", id="llm-playground"),
    pytest.param(TEXT, samples.TEXT_FRONT, lambda value: as_front(value, "Hi"), "a.md", id="text"),
]


@pytest.mark.parametrize(("of", "sample", "write", "name"), WAYS)
def test_each_sample_is_read(of, sample, write, name):
    found = of.read(Source(write(sample), name), Choices())
    assert [each.entry["versions"] for each in found.templates]


@pytest.mark.parametrize(("of", "sample", "write", "name"), WAYS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes=st.lists(st.tuples(st.integers(0, 200), ODD), min_size=1, max_size=3))
def test_values_of_other_types_are_read_or_refused_with_a_place(of, sample, write, name, changes):
    try:
        data = write(changed(sample, changes))
    except (TypeError, UnicodeEncodeError):
        return  # no file can hold such a number
    source = Source(data, name)
    assert of.recognises(source) in (True, False)
    found = tried(of.read, source, Choices())
    if isinstance(found, Problem):
        assert found.status == 400
        assert all(error["message"] for error in found.errors)
    else:
        assert isinstance(found, Drafts)
        assert orjson.dumps([[each.entry, each.material] for each in found.templates])


@pytest.mark.parametrize("of", samples.FORMATS)
@settings(max_examples=60, deadline=None)
@given(data=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode(errors="replace"))))
def test_any_bytes_are_read_or_refused(of, data):
    source = Source(data)
    assert of.recognises(source) in (True, False)
    found = tried(of.read, source, Choices())
    assert isinstance(found, Drafts) or found.status == 400


PIECES = (
    *("system:", "user:", "\n", "{{a}}", "{{", "}}", "{%", "%}", "{% if a %}", "{% endif %}", "{{#if a}}", "{{/if}}"),
    *("{{else}}", "{{#each b}}", "{{/each}}", "{{this}}", "{{> p}}", "{{~x~}}", "{{!--", "--}}", "\\", "text", "{"),
    *('{{role "user"}}', "{{history}}", "{{media url=a}}", "{{^}}", "{{#}}", "{{/}}", "{{}}", "{{{a}}}", "## System\n"),
    *(
        "{{..}}",
        "{{../a}}",
        "{{@index}}",
        "{{(}}",
        "{{a.b.[0]}}",
        "{{&a}}",
        "{{#>p}}",
        "![a]({{a}})",
        "$",
        "}",
        "{{&}}",
    ),
)


@pytest.mark.parametrize("of", [PROMPTY, DOTPROMPT, TEXT])
@settings(max_examples=150, deadline=None)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=14))
def test_any_body_is_read_or_refused(of, pieces):
    source = Source(f"---\nname: x\n---\n{''.join(pieces)}".encode(), f"a.{of.name}")
    found = tried(of.read, source, Choices())
    assert isinstance(found, Drafts) or found.status == 400


@pytest.mark.parametrize("of", [PROMPTY, DOTPROMPT, TEXT])
@pytest.mark.parametrize("piece", ["\\", "{{", "{{!--", "![a](", "{% if ", "{{a", "# ", "\n", " "])
def test_a_long_text_of_one_piece_is_read_in_one_go(of, piece):
    source = Source(f"---\nname: x\n---\n{piece * (150_000 // len(piece))}Hi".encode(), f"a.{of.name}")
    [found] = of.read(source, Choices()).templates
    assert found.entry["versions"]
