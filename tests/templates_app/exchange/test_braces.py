"""Places of variables as other systems write them."""

from __future__ import annotations

import json

import jinja2
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from templates_app.exchange.formats.format import Draft
from templates_app.exchange.mapping.braces import Names, from_double_braces, from_f_string, from_nunjucks, literal
from templates_app.rendering import plain
from templates_app.rendering.placeholders import names_in

texts = st.text(st.sampled_from(list("{{}}\\ax%# >\n\"'é")), max_size=30)


@settings(max_examples=300, deadline=None)
@given(text=texts)
def test_a_literal_text_is_sent_as_it_stands(text):
    assume("\\{{>" not in text)
    assert plain.render(literal(text), {"a": "?", "x": "?"}) == text


@settings(max_examples=300, deadline=None)
@given(before=texts, after=texts, value=texts)
def test_an_f_string_says_here_what_it_says_in_python(before, after, value):
    assume(not before.endswith(("\\", "\\{")) and "\\{{>" not in before + after)
    twice = (before.replace("{", "{{").replace("}", "}}"), after.replace("{", "{{").replace("}", "}}"))
    text = "{x}".join(twice)
    draft = Draft({})
    assert plain.render(from_f_string(text, Names(draft), draft), {"x": value}) == text.format(x=value)
    assert draft.notes == []


def test_names_that_are_none_here_are_put_into_words_that_are():
    draft = Draft({})
    names = Names(draft)
    assert from_double_braces("{{user name}}, {{user-name}} and {{ x }}; {{ a }", names) == (
        "{{user_name}}, {{user_name_2}} and {{x}}; {{ a }"
    )
    assert draft.notes == [
        "The variable 'user name' is called user_name here.",
        "The variable 'user-name' is called user_name_2 here.",
    ]
    assert from_f_string("{0} {a.b} {x!r:>10}", names, draft) == "{{_0}} {{a_b}} {{x}}"
    assert "{x} is written with a format of its own, which is left out." in draft.notes


@pytest.mark.parametrize("text", ["{", "a } b", "{a!}", "{a[}", '{"json": {"x": 1}}'])
def test_a_text_that_is_no_f_string_stays(text):
    draft = Draft({})
    made = from_f_string(text, Names(draft), draft)
    assert plain.render(made, {name: name for name in names_in(made)})
    assert draft.notes


@settings(max_examples=300, deadline=None)
@given(text=texts, value=texts)
def test_nunjucks_that_only_fills_places_becomes_plain(text, value):
    assume(not text.endswith(("\\", "\\{")) and "{{>" not in text)
    quoted = "{{ " + json.dumps(text, ensure_ascii=False) + " }}"
    (made,), engine = from_nunjucks([f"{quoted}{{{{ x }}}}{{% raw %}}{{{{ x }}}}{{% endraw %}}"])
    assert (plain.render(made, {"x": value}), engine) == (text + value + "{{ x }}", "plain")


@pytest.mark.parametrize("text", ["{% if x %}a{% endif %}", "{{ x | upper }}", "{# c #}", "{{ a.b }}", "{{- x }}"])
def test_nunjucks_that_does_more_stays_and_is_jinja2(text):
    assert from_nunjucks([text, "{{ x }}"]) == ([text, "{{ x }}"], "jinja2")
    jinja2.Environment(autoescape=False).parse(text)
