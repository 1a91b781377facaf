"""What inputs are typed against: the variables of a template's present version."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import orjson

from accounts.models import User
from evaluation_app.models import Dataset
from foundation.json_values import LONG_NUMBER
from foundation.problems import FieldError, Problem
from templates_app.content import Content, Engine, Variable, VariableType
from templates_app.lookup import runnable
from templates_app.models import PromptTemplate
from templates_app.partials.expanding import expanded
from templates_app.rendering.render import used_names
from templates_app.variables.validation import checked_values

TRUTHS: Final = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}
"""How spreadsheets write them."""


class InputTypes:
    """The variables that inputs must fit."""

    def __init__(self, content: Content) -> None:
        self._content = content
        # What is used and not declared is the sandbox's to refuse in Jinja2 (templates_app.rendering.render).
        self._used = used_names(content) if content.engine == Engine.PLAIN else []
        declared = {variable.name: variable for variable in content.variables}
        slots = {name: Variable(name, VariableType.MESSAGES) for name in content.slots}
        self._variables = {**{name: Variable(name) for name in self._used}, **slots, **declared}

    @property
    def names(self) -> list[str]:
        """The variables, those that are declared first."""
        declared = [variable.name for variable in self._content.variables]
        return list(dict.fromkeys([*declared, *self._variables]))

    @property
    def are_texts(self) -> bool:
        """Whether every variable is a text."""
        return all(variable.type == VariableType.STRING for variable in self._variables.values())

    def faults(self, given: Mapping[str, Any]) -> Iterator[FieldError]:
        """What of an input does not fit, each at its variable's name."""
        try:
            checked_values(self._content.variables, self._used, given, slots=self._content.slots)
        except Problem as problem:
            for error in problem.errors:
                yield FieldError(**error)._replace(field=error["field"].removeprefix("variables."))

    def value_of(self, name: str, cell: str) -> Any:
        """What a cell of a table means for that variable; the text itself where it means no such value."""
        variable = self._variables.get(name)
        kind = variable.type if variable else VariableType.STRING
        if kind == VariableType.STRING:
            return cell
        if kind == VariableType.BOOLEAN:
            return TRUTHS.get(cell.strip().lower(), cell)
        return read_json(cell, cell)


class RepeatedName(ValueError):
    """An object of JSON names something twice: all but one of the values would be lost."""


def read_json(text: str, otherwise: Any) -> Any:
    """The JSON value of a cell; `otherwise` where it is none."""
    try:
        return exact_json(text.encode())
    except (ValueError, UnicodeError):
        return otherwise


def exact_json(data: bytes) -> Any:
    """The JSON value, whole numbers as they are and each name once in its object; raises ValueError.

    orjson refuses more (NaN, halves of surrogate pairs), but makes the nearest float of a long number, and of a name
    that is there twice takes the last.
    """
    value = orjson.loads(data)
    if b"{" not in data and not LONG_NUMBER.search(data):
        return value
    try:
        return json.loads(data, object_pairs_hook=_named_once)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) < len(pairs):
        ((name, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise RepeatedName(f"{name[:60]!r} is there twice in one object")
    return named


def types_of(user: User, dataset: Dataset) -> InputTypes | None:
    """What a dataset's inputs must fit; None where it has no template that `user` may run."""
    if dataset.template_id is None:
        return None
    found = PromptTemplate.objects.visible_to(user).select_related("current").filter(id=dataset.template_id).first()
    return None if found is None else types_of_template(found)


def chosen_template(user: User, template_id: Any) -> PromptTemplate:
    """The template that a dataset is to be typed against; a 404 problem that names the field."""
    try:
        return runnable(user, template_id)
    except Problem as problem:
        errors = [FieldError("template_id", problem.code, problem.detail)]
        raise Problem(problem.status, problem.code, problem.detail, errors=errors) from None


def types_of_template(template: PromptTemplate) -> InputTypes:
    """The variables of its present version, those of its partials included while these are there."""
    version = template.version
    try:
        return InputTypes(expanded(version).content)
    except Problem:
        # A partial that is gone is told where the template is run; a dataset can be mended meanwhile.
        return InputTypes(version.content)


def input_faults(types: InputTypes, inputs: Iterable[tuple[str, Mapping[str, Any]]], *, most: int) -> list[FieldError]:
    """Faults of inputs by their places (`cases.17`), the first ones."""
    found: list[FieldError] = []
    for place, given in inputs:
        found += [error._replace(field=f"{place}.input.{error.field}") for error in types.faults(given)]
        if len(found) >= most:
            break
    return found[:most]
