"""What a Jinja2 text tells of its variables by how it uses them."""

from __future__ import annotations

import pytest

from foundation.problems import Problem
from templates_app.content import Content, Engine, Variable
from templates_app.rendering import jinja
from templates_app.rendering.render import render, used_variables
from templates_app.variables.validation import type_of
from tests.cast import Person
from tests.templates_app.conftest import MakeTemplate
from tests.templates_app.test_versions import at


def told(*texts: str) -> dict[str, str]:
    """Each variable's type, with a question mark where it may be left out."""
    fields = [f"messages.{place}.content" for place in range(len(texts))]
    return {use.name: use.type + ("" if use.required else "?") for use in jinja.uses_in(texts, fields=fields)}


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        ("{{ x }}", {"x": "string"}),
        ("{% for item in items %}{{ loop.index }} {{ item.name }}{% endfor %}", {"items": "array"}),
        ("{% for k, v in pairs %}{{ k }}{{ v }}{% endfor %}", {"pairs": "array"}),
        ("{% for k, v in user.items() %}{{ k }}{% endfor %}", {"user": "object"}),
        ("{% for k in user %}{{ user[k] }}{% endfor %}{{ user.name }}", {"user": "object"}),
        ("{% for x in items[:3] %}{{ x }}{% endfor %}", {"items": "array"}),
        ("{% for x in items|sort|reverse %}{{ x }}{% endfor %}", {"items": "array"}),
        ("{% for x in items if x > least %}{{ x }}{% endfor %}", {"items": "array", "least": "number"}),
        ("{{ user.name }} {{ user['age'] }} {{ user.address.city }}", {"user": "object"}),
        ("{{ x.upper() }} {{ x[:100] }}", {"x": "string"}),
        ("{{ x | upper | trim }}", {"x": "string"}),
        ("{{ items | join(', ') }} {{ items | length }}", {"items": "array"}),
        ("{{ items | first }}", {"items": "array"}),
        ("{{ text | length }}", {"text": "string"}),
        ("{{ price * 1.2 }} {{ (a + b) / 2 }} {{ -c }}", dict.fromkeys(("price", "a", "b", "c"), "number")),
        ("{{ '-' * n }} {{ '%s!' % who }} {{ who ~ '.' }}", {"n": "number", "who": "string"}),
        ("{{ x | round(1) }} {% for i in range(n) %}{{ i }}{% endfor %}", {"x": "number", "n": "number"}),
        ("{% if age >= 18 %}a{% endif %}{% if n is odd %}b{% endif %}", {"age": "number", "n": "number"}),
        ("{% if tone == 'warm' %}Dear{% endif %} {{ tone }}", {"tone": "string"}),
        ("{% if kind in ['a', 'b'] %}x{% endif %}", {"kind": "string"}),
        ("{% if formal %}Sir{% endif %}{{ 'a' if not new else 'b' }}", dict.fromkeys(("formal", "new"), "boolean")),
        ("{% if tone %}Tone: {{ tone }}{% endif %}", {"tone": "string"}),
        ("{{ x | default('a') }}", {"x": "string?"}),
        ("{{ n | d(3) }} {{ l | default([]) | join }}", {"n": "number?", "l": "array?"}),
        ("{{ o | default({}) }} {{ b | default(false) }}", {"o": "object?", "b": "boolean?"}),
        ("{% for x in items | default([]) %}{{ x }}{% endfor %}", {"items": "array?"}),
        ("{% if x is defined %}{{ x }}{% endif %}", {"x": "string?"}),
        ("{% if x is defined and x > 3 %}{{ x }}{% endif %}", {"x": "number?"}),
        ("{% if x is not defined %}none{% else %}{{ x }}{% endif %}", {"x": "string?"}),
        ("{{ x if x is defined else 'none' }}", {"x": "string?"}),
        ("{% if x is not defined %}{% set x = 1 %}{% endif %}{{ x }}", {"x": "string?"}),
        ("{{ x | default('a') }} {{ x }}", {"x": "string"}),
        ("{{ user.name | default('you') }}", {"user": "object"}),
        ("{% set y = 1 %}{{ y }}{% set z = x %}{{ z.a }}", {"x": "string"}),
        ("{% macro m(a, b=c) %}{{ a }}{{ b }}{{ d }}{% endmacro %}{{ m(e) }}", dict.fromkeys("cde", "string")),
        ("{% with a = b %}{{ a.c }}{% endwith %}", {"b": "string"}),
        ("{% set n = namespace(i=0) %}{% for x in xs %}{% set n.i = n.i + x %}{% endfor %}{{ n.i }}", {"xs": "array"}),
        ("{% raw %}{{ x }}{% endraw %}{# {{ y }} #}", {}),
        ("{{ größe }}{{ 名前.teil }}", {"größe": "string", "名前": "object"}),
        ("{{ x.upper() }}{% for y in x %}{{ y.z }}{% endfor %}", {"x": "string"}),
    ],
)  # fmt: skip
def test_types_and_need_are_taken_from_the_text(text, uses):
    assert told(text) == uses


def test_several_texts_tell_together():
    assert told("About {{ items }} {{ x }}", "{% for i in items %}{{ i }}{% endfor %}{% if x %}y{% endif %}") == {
        "items": "array", "x": "string",
    }  # fmt: skip
    assert told("{{ x | default('a') }}", "{{ x | default('b') }}") == {"x": "string?"}
    assert told("{{ x | default('a') }}", "{{ x }}") == {"x": "string"}


@pytest.mark.parametrize(
    "text",
    [
        "{% for item in items %}{{ item }}{% endfor %}{{ user.name }}{{ 2 * n }}{{ tone | default('dry') }}",
        "{% if extra is defined %}{{ extra }}{% endif %}{% if flag %}{{ items | join }}{% endif %}",
    ],
)
def test_what_is_told_is_enough_to_render_it(text):
    content = Content(text, engine=Engine.JINJA2)
    content = Content(text, variables=tuple(used_variables(content)), engine=Engine.JINJA2)
    samples = {"string": "a", "number": 2, "boolean": True, "array": ["a"], "object": {"name": "a"}}
    assert render(content, {each.name: samples[each.type] for each in content.variables if each.required}).prompt


async def test_a_template_gets_variables_as_its_text_uses_them(make_template: MakeTemplate, author: Person):
    text = "{% for x in items %}{{ x }}{% endfor %} {{ tone | default('dry') }}"
    made = await make_template(prompt=text, engine="jinja2")
    shown = {each["name"]: (each["type"], each["required"]) for each in made["variable_definitions"]}
    assert shown == {"items": ("array", True), "tone": ("string", False)}
    rendered = await author.post(at(made, "/render"), {"variables": {"items": ["a", "b"]}})
    assert (rendered.status, rendered.body["prompt"]) == (200, "ab dry")
    again = await author.call("PATCH", at(made), {"prompt": "{{ items.a }} {{ tone }}"})
    shown = {each["name"]: (each["type"], each["required"]) for each in again.body["variable_definitions"]}
    assert shown == {"items": ("object", True), "tone": ("string", True)}


async def test_what_somebody_declared_stays_as_they_declared_it(make_template: MakeTemplate, author: Person):
    definitions = [{"name": "items", "type": "object"}]
    made = await make_template(prompt="{% for x in items %}{{ x }}{% endfor %}", engine="jinja2", variables=definitions)
    again = await author.call("PATCH", at(made), {"prompt": "{% for x in items %}{{ x }}{{ y }}{% endfor %}"})
    assert [(each["name"], each["type"]) for each in again.body["variable_definitions"]] == [
        ("items", "object"), ("y", "string"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "values", "sentence"),
    [
        ("a\n{% include 'x' %}", {}, "Line 2: {% include %} cannot be used"),
        ("{% extends 'x' %}", {}, "{% extends %} cannot be used"),
        ("{% import 'x' as y %}", {}, "{% import %} cannot be used"),
        ("{% from 'x' import y %}", {}, "{% from … import %} cannot be used"),
        ("{% if a %}{% include x %}{% endif %}", {"a": False, "x": "y"}, "there are no files here"),
        ("a\n{{ 1 / 0 }}", {}, "Line 2: A number is divided by zero."),
        ("{{ a | nofilter }}", {"a": "x"}, "Line 1: No filter named 'nofilter'."),
        ("{% if b %}{{ a | nofilter }}{% endif %}", {"a": "x", "b": True}, "No filter named 'nofilter' found."),
        ("{% if a is notest %}x{% endif %}", {"a": "x"}, "No test named 'notest' found."),
        ("\n\n{{ a + 1 }}", {"a": "x"}, "Line 3: + does not go between text and a number"),
        ("{{ 1 + a }}", {"a": "x"}, "+ does not go between a number and text."),
        ("{{ a < 1 }}", {"a": "x"}, "< does not compare text with a number."),
        ("{{ a() }}", {"a": "x"}, "Text is no function, and cannot be called."),
        ("{% for x in a %}{% endfor %}", {"a": 1}, "A number has no items to go through."),
        ("{{ a | length }}", {"a": 1}, "A number has no length."),
        ("{{ a.b.c }}", {"a": {}}, "An object has no 'b'."),
        ("{{ a | batch }}", {"a": [1]}, "batch was given other arguments than it takes"),
        ("{% macro m(a) %}{{ m(a) }}{% endmacro %}{{ m(1) }}", {}, "goes round in a circle"),
        ("{% for a, b in x %}{% endfor %}", {"x": [[1, 2, 3]]}, "an item has another number of parts"),
        ("{{ none_such }}", {}, "'none_such' is undefined."),
        ("{{ -a }}", {"a": "x"}, "- cannot be asked of text."),
        ("{{ a | round }}", {"a": "x"}, "Line 1: "),
        ("{{ a | dictsort }}", {"a": "x"}, "Line 1: "),
        ("{{ a | sum }}", {"a": ["x"]}, "+ does not go between a number and text."),
        ("{{ 10 ** 10000 / 3 }}", {}, "A number grows too large."),
        ("{{ super() }}", {}, "Line 1: "),
        ("{{ a.items(1) }}", {"a": {}}, "Line 1: "),
        ("{{ a | tojson }}", {"a": "x"}, ""),
    ],
)  # fmt: skip
def test_whatever_fails_is_told_in_a_sentence(text, values, sentence):
    variables = tuple(Variable(name, type_of(value)) for name, value in values.items())
    content = Content("", text, variables, {}, Engine.JINJA2)
    if not sentence:
        assert render(content, values)
        return
    with pytest.raises(Problem) as refused:
        render(content, values)
    problem = refused.value
    assert sentence in problem.detail
    assert not any(word in problem.detail for word in ("Error", "Exception", "object is", "NoneType", "'str'"))
    assert (problem.status, problem.errors[0]["field"]) == (400, "system_prompt")


@pytest.mark.parametrize("tag", ["{% include 'x' %}", "{% if a %}{% import b as c %}{% endif %}"])
async def test_a_text_that_takes_in_files_is_refused_when_it_is_saved(make_template: MakeTemplate, author: Person, tag):
    made = await make_template(prompt="{{ a }}", engine="jinja2")
    answer = await author.call("PATCH", at(made), {"prompt": f"a\n{tag}"})
    assert (answer.status, answer.body["errors"][0]["field"]) == (400, "prompt")
    assert "Line 2: {% i" in answer.body["detail"]
    assert "{{> slug}}" in answer.body["detail"]
