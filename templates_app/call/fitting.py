"""Whether the texts and places of a call fit its variables."""

from __future__ import annotations

from collections.abc import Iterator

from foundation.problems import FieldError
from templates_app.call.turns import USER
from templates_app.content import PART_TYPES, Content, Engine, VariableType
from templates_app.rendering.placeholders import names_in


def call_errors(content: Content) -> Iterator[FieldError]:
    """An error at each placeholder and each text that names a variable of a type which cannot stand there."""
    kinds = {variable.name: variable.type for variable in content.variables}
    for name, field in content.slots.items():
        if kinds.get(name, VariableType.MESSAGES) != VariableType.MESSAGES:
            message = f"{name} is of type {kinds[name].value}; a placeholder is filled by a variable of type messages."
            yield FieldError(field, "type", message)
    if content.engine != Engine.PLAIN:
        return  # what a Jinja2 text makes of its values is seen when it is rendered
    of_users = user_fields(content)
    for field, text in content.texts:
        for name in names_in(text):
            kind = kinds.get(name)
            if kind == VariableType.MESSAGES:
                yield FieldError(field, "type", f"{name} holds messages: give it a placeholder of its own.")
            elif kind in PART_TYPES and field not in of_users:
                yield FieldError(field, "type", f"{name} is no text: it may stand in turns of the user only.")


def user_fields(content: Content) -> frozenset[str]:
    """The fields of texts that the user says."""
    return content.fields_of(USER) if content.messages else frozenset({"prompt"})
