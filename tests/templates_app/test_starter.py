"""The starter library: large, varied, sound, and in order by our own rules."""

from __future__ import annotations

from collections import Counter

import orjson
import pytest

from templates_app.content import VALUE_TYPES
from templates_app.linting.lint import lint
from templates_app.parameters import ParametersSerializer
from templates_app.rendering.placeholders import names_in
from templates_app.rendering.render import render
from templates_app.starter.library import StarterTemplate, starter_templates
from templates_app.variables.validation import definition_errors

LIBRARY = starter_templates()
each_template = pytest.mark.parametrize("template", LIBRARY, ids=lambda template: template.key)


def test_there_are_many_in_many_categories():
    categories = Counter(template.category for template in LIBRARY)
    assert len(LIBRARY) >= 56
    assert len(categories) >= 9
    assert min(categories.values()) >= 4


def test_keys_and_names_are_unique():
    assert len({template.key for template in LIBRARY}) == len(LIBRARY)
    assert len({template.name for template in LIBRARY}) == len(LIBRARY)
    assert len({template.content.hash for template in LIBRARY}) == len(LIBRARY)


def test_every_type_of_variable_is_used():
    assert {each.type for template in LIBRARY for each in template.content.variables} == VALUE_TYPES


@each_template
def test_a_template_is_without_findings(template: StarterTemplate):
    assert lint(template.content, context_window=8192) == []


@each_template
def test_every_place_is_declared_and_every_variable_used(template: StarterTemplate):
    used = names_in(template.content.prompt, template.content.system_prompt)
    assert sorted(used) == sorted(template.content.variable_names)


@each_template
def test_definitions_hold(template: StarterTemplate):
    assert [list(definition_errors(variable)) for variable in template.content.variables if variable.rules] == [
        [] for variable in template.content.variables if variable.rules
    ]


@each_template
def test_the_example_fills_every_variable_and_fits(template: StarterTemplate):
    assert template.example.keys() == set(template.content.variable_names)
    rendered = render(template.content, template.example)
    assert "{{" not in rendered.prompt + rendered.system_prompt
    assert orjson.loads(orjson.dumps(template.example)) == template.example


@each_template
def test_defaults_fit_too(template: StarterTemplate):
    required = {variable.name for variable in template.content.variables if variable.required}
    assert all(variable.has_default for variable in template.content.variables if not variable.required)
    render(template.content, {name: value for name, value in template.example.items() if name in required})


@each_template
def test_parameters_are_those_of_an_execution(template: StarterTemplate):
    checked = ParametersSerializer(data=dict(template.content.default_parameters))
    assert checked.is_valid(), checked.errors


@each_template
def test_it_can_be_found_and_understood(template: StarterTemplate):
    assert len(template.description) >= 40
    assert len(template.tags) >= 2
    assert template.content.system_prompt
