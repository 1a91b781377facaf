"""A template tried with values: what it becomes, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from foundation.problems import Problem
from templates_app.content import Content, Variable, VariableType
from templates_app.pages.presentation.values import read
from templates_app.pages.presentation.words import tokens
from templates_app.rendering.render import Rendered, render


@dataclass(frozen=True)
class Trial:
    """Either `rendered`, or errors by variable, or a sentence about the template itself."""

    rendered: Rendered | None = None
    errors: dict[str, str] = field(default_factory=dict)
    problem: str = ""

    @property
    def tokens(self) -> str:
        """The rendered texts' length."""
        return tokens(self.rendered.prompt, self.rendered.system_prompt) if self.rendered else ""

    @property
    def missing(self) -> str:
        """The variables that need another value."""
        return ", ".join(self.errors)


def tried(content: Content, values: Mapping[str, Any]) -> Trial:
    """`content` rendered with `values`."""
    try:
        return Trial(render(content, values))
    except Problem as problem:
        prefix = "variables."
        errors: dict[str, str] = {}
        for error in problem.errors:
            if error["field"].startswith(prefix):
                errors.setdefault(error["field"].removeprefix(prefix), error["message"])
        return Trial(errors=errors, problem="" if errors else problem.detail)


def tried_with_samples(content: Content, samples: Mapping[str, str]) -> Trial:
    """`content` with the samples that were typed; a variable without one gets its default, or stands in its place."""
    values: dict[str, Any] = {}
    variables: list[Variable] = []
    for each in content.variables:
        text = samples.get(each.name, "")
        if text:
            values[each.name] = read(text, each.type)
        elif not each.has_default:
            values[each.name] = _stand_in(each)
            # What stands in for a value need not fit its rules.
            each = Variable(each.name, each.type)
        variables.append(each)
    stripped = Content(content.prompt, content.system_prompt, tuple(variables), engine=content.engine)
    return tried(stripped, values)


def _stand_in(variable: Variable) -> Any:
    choices = next((rule.value for rule in variable.rules if rule.name == "enum"), None)
    if isinstance(choices, list) and choices:
        return choices[0] if variable.type != VariableType.STRING else str(choices[0])
    by_type: dict[str, Any] = {"number": 1, "boolean": True, "array": ["…"], "object": {"…": "…"}}
    return by_type.get(variable.type, f"[{variable.name}]")
