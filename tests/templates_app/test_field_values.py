"""Values go into fields and come back as they were; a save without a change changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from templates_app.content import Content, Rule, Variable, VariableType
from templates_app.pages import forms
from templates_app.pages.presentation.marked import marked
from templates_app.pages.presentation.values import read, read_choices, shown, shown_choices
from templates_app.pages.presentation.variable_row import row_of, variable_of

TEXTS = some.text(some.characters(blacklist_categories=["Cs"], blacklist_characters="\r"), max_size=30)
NUMBERS = some.integers(-(2**53), 2**53) | some.floats(allow_nan=False, allow_infinity=False)
PLAIN = some.none() | some.booleans() | NUMBERS | TEXTS
LISTS = some.lists(PLAIN, max_size=4)
OBJECTS = some.dictionaries(TEXTS, PLAIN | LISTS, max_size=3)
BY_TYPE: dict[str, Any] = {
    "string": TEXTS,
    "number": NUMBERS,
    "boolean": some.booleans(),
    "array": LISTS,
    "object": OBJECTS,
}
TYPED = some.sampled_from(list(BY_TYPE)).flatmap(lambda kind: some.tuples(some.just(kind), BY_TYPE[kind]))
CHOICES = some.sampled_from(list(BY_TYPE)).flatmap(
    lambda kind: some.tuples(some.just(kind), some.lists(BY_TYPE[kind], min_size=1, max_size=4))
)


@given(TYPED)
def test_a_value_comes_back_from_its_field(typed: tuple[str, Any]):
    kind, value = typed
    assert read(shown(value, kind), kind) == value
    assert shown(value, kind) != ""


@given(CHOICES)
def test_choices_come_back_from_their_lines(typed: tuple[str, list[Any]]):
    kind, values = typed
    assert read_choices(shown_choices(values, kind), kind) == values


@given(TYPED, CHOICES, TEXTS.filter(lambda text: text == text.strip()), some.booleans())
def test_a_variable_comes_back_from_its_row(
    typed: tuple[str, Any], choices: tuple[str, list[Any]], description: str, required: bool
):
    kind, value = typed
    rules = (Rule("enum", choices[1]),) if choices[0] == kind else ()
    variable = Variable("name", VariableType(kind), description, required, value, True, rules)
    assert variable_of(row_of(variable, "0")) == variable


@pytest.mark.parametrize("text", ["abc", "[1, 2", "tru", "1,500"])
def test_what_is_no_json_stays_text_for_the_rules_to_refuse(text: str):
    assert read(text, "number") == text


@given(some.lists(some.sampled_from(["{{a}}", "{{ b }}", "\\{{c}}", "{{", "}}", "x", "\n"]), max_size=12).map("".join))
def test_marking_loses_no_character(text: str):
    content = Content(text, "", (Variable("a"),))
    stretches = marked(text, content)
    assert "".join(stretch.text for stretch in stretches) == text
    assert {stretch.mark for stretch in stretches if "a" in stretch.text} <= {"declared"}
    assert {stretch.mark for stretch in stretches if "b" in stretch.text} <= {"undeclared"}


def test_a_form_without_rows_gets_them_from_its_text():
    form = forms.completed(forms.from_post({"prompt": "{{a}} {{b}} {{a}}", "variables.7.name": "b"}))
    assert [(row.index, row.name) for row in form.variables] == [("7", "b"), ("8", "a")]
