"""Our own configuration of promptfoo comes back with its texts and values as they were."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from templates_app.content import Content
from templates_app.exchange.formats.promptfoo import PROMPTFOO
from templates_app.export_code.formats import FORMATS
from tests.templates_app.exchange.files import read, reads_or_refuses
from tests.templates_app.exchange.test_service_code import template
from tests.templates_app.exporting_code import handover, hostile, plain_content

ODD = ["file://a.txt", "package:a", "{{x}}", "{% if %}", "a\n", "{#"]


def back(content: Content, **values: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The only version, and the values of the only test."""
    (draft,) = read(PROMPTFOO, FORMATS["promptfoo"].render(handover(content, values)), "a.yaml").templates
    (version,) = draft.entry["versions"]
    return version, draft.material["tests"]["tests"][0]["vars"]


def test_a_variable_of_each_type_keeps_its_place():
    wanted = template()
    version, values = back(wanted, text="x")
    assert (version["prompt"], version["system_prompt"]) == (wanted.prompt, wanted.system_prompt)
    assert "engine" not in version
    assert values["größe"] == wanted.variables[-1].default_value


@pytest.mark.parametrize("value", ODD)
def test_a_value_that_was_cut_is_whole_again(value: str):
    version, values = back(plain_content("Say {{a}} to \\{{b}} {# {%"), a=value)
    assert version["prompt"] == "Say {{a}} to \\{{b}} {# {%"
    assert values["a"] == value
    jinja = Content.from_json(
        {"prompt": "{% if a %}{{ a }}{% endif %}", "engine": "jinja2", "variables": [{"name": "a"}]}
    )
    version, values = back(jinja, a=value)
    assert (version["prompt"], version["engine"], values["a"]) == (jinja.prompt, "jinja2", value)


@settings(max_examples=100, deadline=None)
@given(prompt=hostile, a=hostile)
def test_texts_and_values_of_any_kind_come_back(prompt: str, a: str):
    if "\x00" in prompt + a or "\x7f" in prompt + a or "\x1b" in prompt + a:
        return  # YAML has no place for them as they are
    version, values = back(plain_content(f"x{prompt}{{{{a}}}}"), a=a)
    assert values["a"] == a
    assert "engine" not in version


@pytest.mark.parametrize("pieces", [5, None, [], [5], ["a", None], {"a": "b"}, "a"])
@pytest.mark.parametrize("tests", [lambda held: [held], lambda held: held, lambda held: [[held], 5, None]])
def test_pieces_of_any_type_are_read_or_refused(pieces: Any, tests: Any):
    held = {"vars": {"a": {"pieces": pieces}, "b": {"pieces": ["x"]}}}
    prompt = "{{ a.pieces | join if a.pieces else a }}"
    reads_or_refuses(PROMPTFOO, {"prompts": [prompt], "providers": [], "tests": tests(held)})
