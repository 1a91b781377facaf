"""What the lint says of places that are none, and how it would mend them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates_app.content import Content, Engine, Variable
from templates_app.linting.findings import Finding
from templates_app.linting.lint import lint
from templates_app.rendering.placeholders import names_in
from tests.cast import Person

RULES = {"malformed-placeholder", "single-braces", "jinja-in-plain-text", "escaped-variable"}


def found(text: str, *declared: str) -> list[Finding]:
    """Findings of these rules."""
    content = Content(text, variables=tuple(map(Variable, declared)))
    return [each for each in lint(content) if each.rule in RULES]


def mended(text: str, *declared: str) -> str:
    """The text with every finding's fix in it, from its end."""
    for each in reversed(found(text, *declared)):
        assert each.fix is not None
        if each.fix.text is not None:
            text = text[: each.start] + each.fix.text + text[each.end :]
    return text


@pytest.mark.parametrize(
    ("text", "declared", "right"),
    [
        ("Hi {{user-name}}!", (), "Hi {{user_name}}!"),
        ("Hi {{ user.name }}!", (), "Hi {{user_name}}!"),
        ("Hi {{user name}} {{größe-cm}}!", (), "Hi {{user_name}} {{größe_cm}}!"),
        ("Hi {{ 1st }}!", (), "Hi {{_1st}}!"),
        ("Translate {text} to {sprache}.", (), "Translate {{text}} to {{sprache}}."),
        ("Sag es {名前}: '{question}'", (), "Sag es {{名前}}: '{{question}}'"),
        ("Dear {name}, {{tone}}", ("name", "tone"), "Dear {{name}}, {{tone}}"),
        (r"Save to C:\reports\{{name}}.txt", ("name",), r"Save to C:\reports\\{{name}}.txt"),
        (r"Save to C:\reports\{{name}}.txt", (), r"Save to C:\reports\\{{name}}.txt"),
        (r"Save to \\server\share\{{name}} now", (), r"Save to \\server\share\\{{name}} now"),
        (r"Say \{{ name }} and {{name}}", ("name",), r"Say \\{{ name }} and {{name}}"),
    ],
)
def test_what_was_meant_as_a_variable_is_told_with_what_mends_it(text, declared, right):
    assert mended(text, *declared) == right
    assert names_in(right)
    assert not found(right, *declared, *names_in(right))


@pytest.mark.parametrize(
    "text",
    [
        "{% if tone %}Be kind.{% endif %}",
        "{%- for x in y -%}",
        "Hi {{ name | upper }}",
        "Hi {{ user['name'] }} {{ f(x) }}",
        "{# a note #}Hi",
    ],
)
def test_marks_of_jinja2_offer_its_engine(text):
    told = found(text)
    assert told
    assert all(each.rule == "jinja-in-plain-text" for each in told)
    assert {each.fix and each.fix.engine for each in told} == {"jinja2"}
    assert not [each for each in lint(replace(Content(text), engine=Engine.JINJA2)) if each.rule in RULES]


@pytest.mark.parametrize(
    "text",
    [
        'Return {"a": 1, "b": {"c": [2]}}.',
        "function f() { return x }",
        "```js\nconst {a} = b; `${a}`\n```",
        "Use ${HOME} and #{x} and %{y}.",
        r"\frac{a}{b} + x_{i}^{n} \text{so} \{{a\}}",
        "PUT /users/{id}/posts/{post}",
        "Everything {in braces} is {}.",
        "Colours: a {#fff} b, 5 % of {x %}.",
        r"Write \{{name}} for a place.",
        "{{a}} {{ b }}",
        "a {b: {c}} d",
        ":root{color:red} p{margin:0}",
    ],
)
def test_code_and_examples_are_left_alone(text):
    assert not found(text, *names_in(text))


def test_a_text_that_knows_places_gets_but_a_hint_on_single_braces():
    assert [each.severity for each in found("{{a}} in {b}", "a")] == ["info"]
    assert [each.severity for each in found("a in {b}")] == ["warning"]


@given(text=st.text(alphabet="{}%#\\ |.-ax[('\n", max_size=40))
def test_any_text_is_looked_at(text):
    for each in found(text, "a"):
        assert each.start is not None
        assert 0 <= each.start < (each.end or 0) <= len(text)


async def test_the_api_tells_what_mends_it(author: Person):
    answer = await author.post("/api/templates/lint", {"prompt": "Hi {{user-name}}, {% if x %}"})
    fixes = {each["rule"]: each["fix"] for each in answer.body["findings"] if each["rule"] in RULES}
    assert fixes == {
        "malformed-placeholder": {"title": "Write {{user_name}}", "text": "{{user_name}}", "engine": None},
        "jinja-in-plain-text": {"title": "Switch the engine to Jinja2", "text": None, "engine": "jinja2"},
    }
