"""A template tried with values: what it becomes, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from foundation.problems import Problem
from templates_app.content import Content, Variable, VariableType
from templates_app.export_code.handover import STAND_INS
from templates_app.pages.presentation.values import read
from templates_app.pages.presentation.words import tokens, tokens_for
from templates_app.rendering.render import Rendered, render


@dataclass(frozen=True)
class Trial:
    """Either `rendered`, or errors by variable, or a sentence about the template itself."""

    rendered: Rendered | None = None
    errors: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    is_empty: bool = False
    """The problem is that nothing would be sent with these values."""
    is_conversation: bool = False
    model_id: str = ""
    """Whose tokenizer counts what is sent; none: it is estimated."""

    @property
    def tokens(self) -> str:
        """The length of what is sent; with a model, as its input."""
        if self.rendered is None:
            return ""
        if self.model_id:
            return tokens_for(self.model_id, self.rendered.messages)
        return tokens(*(text_of(message["content"]) for message in reversed(self.rendered.messages)))

    @property
    def turns(self) -> list[tuple[str, str]]:
        """Who says what, of a conversation; empty for a prompt with its system prompt."""
        if self.rendered is None or not self.is_conversation:
            return []
        return [(message["role"], text_of(message["content"])) for message in self.rendered.messages]

    @property
    def missing(self) -> str:
        """The variables that need another value."""
        return ", ".join(self.errors)


def tried(content: Content, values: Mapping[str, Any]) -> Trial:
    """`content` rendered with `values`."""
    try:
        return Trial(render(content, values), is_conversation=bool(content.messages))
    except Problem as problem:
        prefix = "variables."
        errors: dict[str, str] = {}
        for error in problem.errors:
            if error["field"].startswith(prefix):
                errors.setdefault(error["field"].removeprefix(prefix).partition(".")[0], error["message"])
        return Trial(errors=errors, problem="" if errors else problem.detail, is_empty=problem.code == "required")


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
    return tried(replace(content, variables=tuple(variables), default_parameters={}), values)


def text_of(content: str | list[dict[str, Any]]) -> str:
    """A message's text, with a word for each part that is none."""
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] if part["type"] == "text" else f"[{part['type']}]" for part in content)


def _stand_in(variable: Variable) -> Any:
    choices = next((rule.value for rule in variable.rules if rule.name == "enum"), None)
    if isinstance(choices, list) and choices:
        return choices[0] if variable.type != VariableType.STRING else str(choices[0])
    by_type: dict[str, Any] = {"number": 1, "boolean": True, "array": ["…"], "object": {"…": "…"}}
    by_type |= {"messages": [{"role": "user", "content": "…"}], "image": STAND_INS["image"], "file": STAND_INS["file"]}
    return by_type.get(variable.type, f"[{variable.name}]")
