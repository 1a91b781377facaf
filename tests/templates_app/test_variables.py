"""Typed variables: what a definition may be, which values fit, and how the text takes them."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.problems import Problem
from templates_app.content import Content, Engine, Rule, Variable, VariableType
from templates_app.rendering import jinja, plain
from templates_app.rendering.placeholders import names_in
from templates_app.rendering.render import render
from templates_app.variables.validation import definition_errors, faults

STRING, NUMBER, BOOLEAN, ARRAY, OBJECT, *_ = VariableType


def variable(kind: VariableType, *rules: tuple[str, Any], **more: Any) -> Variable:
    """A variable with these rules."""
    return Variable("it", kind, rules=tuple(Rule(*rule) for rule in rules), **more)


@pytest.mark.parametrize(
    ("kind", "rule", "fits", "does_not"),
    [
        (NUMBER, ("min", 3), 3, 2.9),
        (NUMBER, ("max", 3), 3, 4),
        (STRING, ("min_length", 2), "ab", "a"),
        (STRING, ("max_length", 2), "ab", "abc"),
        (ARRAY, ("min_length", 1), [1], []),
        (ARRAY, ("max_length", 1), [1], [1, 2]),
        (STRING, ("pattern", r"^\d+$"), "12", "a1"),
        (STRING, ("enum", ["a", "b"]), "a", "c"),
        (NUMBER, ("enum", [1, 2]), 1, 3),
        (ARRAY, ("item_type", "number"), [1, 2.5], [1, "2"]),
        (OBJECT, ("schema", {"required": ["a"], "properties": {"a": {"type": "string"}}}), {"a": "x"}, {"a": 1}),
        (ARRAY, ("schema", {"items": {"maximum": 5}}), [1, 5], [6]),
    ],
)
def test_a_rule_holds_and_is_named(kind: VariableType, rule: tuple[str, Any], fits: Any, does_not: Any):
    asked = variable(kind, rule)
    assert list(definition_errors(asked)) == []
    assert list(faults(asked, fits)) == []
    assert [name for name, _ in faults(asked, does_not)] == [rule[0]]


@pytest.mark.parametrize(
    ("kind", "fits", "wrong"),
    [
        (STRING, ["", "a"], [1, None, True, [], {}]),
        (NUMBER, [1, 1.5, -3], ["1", None, True, [], {}]),
        (BOOLEAN, [True, False], [0, 1, "true", None]),
        (ARRAY, [[], [1]], ["[]", {}, None]),
        (OBJECT, [{}, {"a": 1}], ["{}", [], None]),
    ],
)
def test_types_are_jsons_own(kind: VariableType, fits: list[Any], wrong: list[Any]):
    assert [list(faults(variable(kind), value)) for value in fits] == [[]] * len(fits)
    assert {next(faults(variable(kind), value))[0] for value in wrong} == {"type"}


@pytest.mark.parametrize(
    ("kind", "rules", "place"),
    [
        (STRING, [("min", 1)], "validation_rules.0"),
        (NUMBER, [("pattern", "a")], "validation_rules.0"),
        (STRING, [("colour", 1)], "validation_rules.0"),
        (STRING, [("min_length", 1), ("min_length", 2)], "validation_rules.1"),
        (STRING, [("min_length", 5), ("max_length", 2)], "validation_rules"),
        (STRING, [("pattern", "(")], "validation_rules.0"),
        (STRING, [("pattern", r"(a)\1")], "validation_rules.0"),
        (STRING, [("pattern", "a{1000}{1000}")], "validation_rules.0"),
        (STRING, [("pattern", "a" * 1001)], "validation_rules.0"),
        (STRING, [("enum", [])], "validation_rules.0"),
        (STRING, [("enum", ["a", 1])], "validation_rules.0"),
        (ARRAY, [("item_type", "colour")], "validation_rules.0"),
        (OBJECT, [("schema", {"type": "colour"})], "validation_rules.0"),
        (OBJECT, [("schema", {"$ref": "http://127.0.0.1:1/schema"})], "validation_rules.0"),
        (OBJECT, [("schema", {"$ref": "file:///etc/passwd"})], "validation_rules.0"),
        (OBJECT, [("schema", [])], "validation_rules.0"),
        (STRING, [("min_length", -1)], "validation_rules.0"),
    ],
)
def test_a_definition_that_cannot_hold_is_named(kind: VariableType, rules: list[tuple[str, Any]], place: str):
    assert [error.field for error in definition_errors(variable(kind, *rules))] == [place]


def test_a_default_must_fit_its_own_rules():
    errors = list(definition_errors(variable(NUMBER, ("min", 3), default_value=1, has_default=True)))
    assert [(error.field, error.code) for error in errors] == [("default_value", "min")]
    assert next(definition_errors(variable(OBJECT, default_value=None, has_default=True))).code == "type"


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(a|aa)+$", r"(.*a){20}", r"^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_t11_evil_patterns_take_linear_time(pattern: str):
    began = time.process_time()
    list(faults(variable(STRING, ("pattern", pattern)), "a" * 100_000 + "!"))
    inside = {"properties": {"a": {"pattern": pattern}}}
    list(faults(variable(OBJECT, ("schema", inside)), {"a": "a" * 100_000 + "!"}))
    assert time.process_time() - began < 2  # of the processor's time


def test_places_are_found_as_they_are_written():
    assert names_in(r"{{a}} {{ b }} {{a}} \{{c}} {{1d}} {{e f}} {{{g}}} {h}") == ["a", "b", "g"]
    assert plain.render(r"\{{a}} {{ a }} {{b}}", {"a": 1.5, "b": {"x": [True, None]}}) == '{{a}} 1.5 {"x":[true,null]}'


@given(st.text(), st.text(), st.text())
def test_t06_values_are_inserted_as_they_are_and_never_looked_at_again(before: str, value: str, after: str):
    before, after = before.replace("{", "").replace("\\", ""), after.replace("}", "")
    assert plain.render(before + "{{a}}" + after, {"a": value}) == before + value + after


def test_t06_a_value_that_looks_like_a_place_stays_text():
    content = Content("{{a}}{{b}}")
    assert render(content, {"a": "{{b}}", "b": "{{a}} {{ ''.__class__ }}"}).prompt == "{{b}}{{a}} {{ ''.__class__ }}"


def test_a_rendered_text_has_an_end():
    with pytest.raises(Problem) as refused:
        plain.render("{{a}}" * 5_000, {"a": "x" * 1_000})
    assert refused.value.code == "output_too_large"


def test_optional_ones_without_a_value_leave_nothing_and_defaults_come_in():
    content = Content(
        "[{{a}}|{{b}}]",
        variables=(Variable("a", required=False), Variable("b", NUMBER, default_value=7, has_default=True)),
    )
    assert render(content, {}).prompt == "[|7]"
    assert render(content, {}).values == {"b": 7}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{{ ''.__class__.__mro__ }}", "refused"),
        ("{{ cycler.__init__.__globals__.os.popen('id') }}", "refused"),
        ("{{ x }}", "undefined"),
        ("{% include '/etc/passwd' %}", "cannot_render"),
        ("{% import 'os' as os %}", "cannot_render"),
        ("{% for i in range(10000) %}{% for j in range(10000) %}x{% endfor %}{% endfor %}", "too_many_rounds"),
        ("{% for i in range(100000000) %}{% endfor %}", "cannot_render"),
        ("{{ 'a' * 10**10 }}", "too_large"),
        ("{{ 'a' * 2000000 }}", "output_too_large"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "too_large"),
        ("{{ lipsum(n=100000) }}", "timeout"),
        ("{% for %}", "syntax_error"),
        ("{{ 1 / 0 }}", "cannot_render"),
    ],
)
def test_t06_the_sandbox_holds_and_says_why(text: str, code: str):
    jinja.render(["warm"], {})
    began = time.monotonic()
    with pytest.raises(Problem) as refused:
        jinja.render([text], {})
    assert (refused.value.status, refused.value.code) == (400, code)
    assert time.monotonic() - began < 60  # of a busy machine; two seconds of work


def test_t06_the_sandbox_knows_nothing_of_the_service():
    with pytest.raises(Problem) as refused:
        jinja.render(["{{ self.__init__.__globals__ }}{{ environ }}"], {})
    assert refused.value.code in ("refused", "undefined")


def test_a_sandboxed_template_has_logic_and_strict_names():
    content = Content(
        "{% if tone == 'warm' %}Dear{% else %}To{% endif %} {{ name }}",
        variables=(Variable("tone"), Variable("name")),
        engine=Engine.JINJA2,
    )
    assert render(content, {"tone": "warm", "name": "{{ tone }}"}).prompt == "Dear {{ tone }}"
    assert [use.name for use in jinja.uses_in([content.prompt])] == ["name", "tone"]
