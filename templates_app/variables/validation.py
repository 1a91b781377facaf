"""The validation engine: whether definitions hold, and whether values fit them. Doors, pages and admin all ask here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import orjson

from foundation.json_schema.reach import InvalidSchema
from foundation.json_schema.validators import TooMuch, validator_of
from foundation.problems import FieldError
from foundation.words import number
from templates_app.call.checking import messages_value_faults
from templates_app.call.parts import source_faults
from templates_app.content import RULES, VALUE_TYPES, Rule, Variable, VariableType
from templates_app.errors import invalid_variables
from templates_app.rendering.placeholders import name_of
from templates_app.rendering.sandbox.limits import NO_TEXT
from templates_app.variables.patterns import InvalidPattern, compile_safely

APPLIES: Final = {
    "min": {VariableType.NUMBER},
    "max": {VariableType.NUMBER},
    "min_length": {VariableType.STRING, VariableType.ARRAY, VariableType.MESSAGES},
    "max_length": {VariableType.STRING, VariableType.ARRAY, VariableType.MESSAGES},
    "pattern": {VariableType.STRING},
    "enum": VALUE_TYPES,
    "item_type": {VariableType.ARRAY},
    "schema": {VariableType.ARRAY, VariableType.OBJECT},
}
MOST_CHOICES: Final = 200


def definition_errors(variable: Variable) -> Iterator[FieldError]:
    """What is wrong with one definition; `field` is relative to it (`validation_rules.0.value`)."""
    seen: set[str] = set()
    is_sound = True
    for position, rule in enumerate(variable.rules):
        for code, message in _rule_faults(rule, variable.type, seen):
            is_sound = False
            yield FieldError(f"validation_rules.{position}", code, message)
        seen.add(rule.name)
    if is_sound:
        yield from _order_faults(variable)
        if variable.has_default:
            for error in value_errors(variable, variable.default_value):
                yield error._replace(field=f"default_value{error.field}")


def _rule_faults(rule: Rule, kind: VariableType, seen: set[str]) -> Iterator[tuple[str, str]]:
    if rule.name not in RULES:
        yield "unknown", f"There is no rule {rule.name!r}: one of {', '.join(RULES)} is expected."
    elif rule.name in seen:
        yield "repeated", f"{rule.name} stands here twice."
    elif kind not in APPLIES[rule.name]:
        yield "not_applicable", f"{rule.name} does not apply to a variable of type {kind.value}."
    elif message := _RULE_VALUES[rule.name](rule.value, kind):
        yield "invalid", message


def _number(value: Any, kind: VariableType) -> str:
    return "" if _is_number(value) else "A number is expected."


def _length(value: Any, kind: VariableType) -> str:
    is_one = type(value) is int and 0 <= value <= 1_000_000
    return "" if is_one else f"A whole number from 0 to {number(1_000_000)} is expected."


def _pattern(value: Any, kind: VariableType) -> str:
    if not isinstance(value, str):
        return "A pattern is text."
    try:
        compile_safely(value)
    except InvalidPattern as error:
        return str(error)
    return ""


def _choices(value: Any, kind: VariableType) -> str:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_CHOICES:
        return f"A list of 1 to {MOST_CHOICES} values is expected."
    wrong = [choice for choice in value if not has_type(choice, kind)]
    return f"{_shown(wrong[0])} is no {kind.value}." if wrong else ""


def _item_type(value: Any, kind: VariableType) -> str:
    return (
        ""
        if isinstance(value, str) and value in VALUE_TYPES
        else f"One of {', '.join(filter(VALUE_TYPES.__contains__, VariableType))} is expected."
    )


def _schema(value: Any, kind: VariableType) -> str:
    try:
        validator_of(value)
    except InvalidSchema as error:
        return str(error)
    return ""


_RULE_VALUES: Final[dict[str, Callable[[Any, VariableType], str]]] = {
    "min": _number,
    "max": _number,
    "min_length": _length,
    "max_length": _length,
    "pattern": _pattern,
    "enum": _choices,
    "item_type": _item_type,
    "schema": _schema,
}


def _order_faults(variable: Variable) -> Iterator[FieldError]:
    values = {rule.name: rule.value for rule in variable.rules}
    for low, high in (("min", "max"), ("min_length", "max_length")):
        if low in values and high in values and values[low] > values[high]:
            yield FieldError("validation_rules", "contradiction", f"{low} is above {high}: no value could fit.")


def has_type(value: Any, kind: str) -> bool:
    """Whether a JSON value is of that type; a boolean is no number."""
    match kind:
        case VariableType.STRING:
            return isinstance(value, str)
        case VariableType.NUMBER:
            return _is_number(value)
        case VariableType.BOOLEAN:
            return isinstance(value, bool)
        case VariableType.ARRAY:
            return isinstance(value, list)
        case VariableType.OBJECT:
            return isinstance(value, dict)
        case VariableType.MESSAGES:
            return not list(messages_value_faults(value))
        case VariableType.IMAGE | VariableType.FILE:
            return not list(source_faults(value, kind))
    raise ValueError(f"{kind} is no type")


def type_of(value: Any) -> VariableType:
    """The type that a JSON value is of; null counts as text, which it does not fit."""
    return next((kind for kind in VariableType if kind in VALUE_TYPES and has_type(value, kind)), VariableType.STRING)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def value_errors(variable: Variable, value: Any) -> Iterator[FieldError]:
    """`faults`, each at its place within the value: `.2.role` of messages, else empty."""
    inner: list[FieldError] = []
    if variable.type == VariableType.MESSAGES:
        inner = list(messages_value_faults(value))
    elif variable.type in (VariableType.IMAGE, VariableType.FILE):
        inner = list(source_faults(value, variable.type))
    if inner:
        yield from (error._replace(field=f".{error.field}".rstrip(".")) for error in inner)
        return
    yield from (FieldError("", code, message) for code, message in faults(variable, value))


def faults(variable: Variable, value: Any) -> Iterator[tuple[str, str]]:
    """(rule, sentence) of what is wrong with a value; rules are asked only of a value of the right type."""
    if message := _odd_character(variable, value):
        yield "invalid_character", message
        return
    if not has_type(value, variable.type):
        yield "type", f"{variable.name} must be of type {variable.type.value}; {_shown(value)} is not."
        return
    for rule in variable.rules:
        if message := _ASKED[rule.name](value, rule.value):
            yield rule.name, f"{variable.name} {message}"


def _odd_character(variable: Variable, value: Any) -> str:
    """What cannot be kept of a value; empty when all of it can."""
    odd = next(filter(None, map(NO_TEXT.search, _texts_in(value))), None)
    return f"{variable.name} holds U+{ord(odd[0]):04X}, which can be neither stored nor sent." if odd else ""


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts_in(inner)


def _is_item_type(value: Any, wanted: Any) -> str:
    wrong = next((each for each in value if not has_type(each, wanted)), None)
    return f"must hold only items of type {wanted}; {_shown(wrong)} is not." if wrong is not None else ""


def _fits_schema(value: Any, schema: Any) -> str:
    try:
        misfit = validator_of(schema).misfit(value)
    except (InvalidSchema, TooMuch) as error:  # a schema that was kept before its rules were as strict
        return f"cannot be checked against its schema: {error}"
    if misfit is None:
        return ""
    place = misfit.pointer.strip("/").replace("/", ".")
    return (
        f"does not fit its schema: {place}: {misfit.message}" if place else f"does not fit its schema: {misfit.message}"
    )


_ASKED: Final[dict[str, Callable[[Any, Any], str]]] = {
    "min": lambda value, least: "" if value >= least else f"must be at least {least}.",
    "max": lambda value, most: "" if value <= most else f"must be at most {most}.",
    "min_length": lambda value, least: "" if len(value) >= least else f"must have a length of at least {least}.",
    "max_length": lambda value, most: "" if len(value) <= most else f"must have a length of at most {most}.",
    "pattern": lambda value, pattern: (
        "" if compile_safely(pattern).search(value) else f"must match the pattern {pattern}"
    ),
    "enum": lambda value, choices: (
        "" if value in choices else f"must be one of {', '.join(map(_shown, choices[:20]))}."
    ),
    "item_type": _is_item_type,
    "schema": _fits_schema,
}


def checked_values(
    variables: tuple[Variable, ...], used: list[str], given: Mapping[str, Any], *, slots: Iterable[str] = ()
) -> dict[str, Any]:
    """The value of every variable that has one: given, else its default; a Problem names each that does not fit.

    `used` are the names in the text: one that is not declared is a required string. `slots` are those of
    placeholders: one that is not declared is filled by messages, which are required.
    """
    given = {name_of(name) or name: value for name, value in given.items()}
    declared = {variable.name: variable for variable in variables}
    found = {name: Variable(name) for name in used} | {name: Variable(name, VariableType.MESSAGES) for name in slots}
    wanted = {**declared, **{name: variable for name, variable in found.items() if name not in declared}}
    errors = [
        FieldError(f"variables.{name}", "unknown", f"The template has no variable {name[:100]!r}.")
        for name in given
        if name not in wanted
    ]
    values: dict[str, Any] = {}
    for name, variable in wanted.items():
        if name in given:
            values[name] = given[name]
            wrong = value_errors(variable, given[name])
            errors += [error._replace(field=f"variables.{name}{error.field}") for error in wrong]
        elif variable.has_default:
            values[name] = variable.default_value
            if message := _odd_character(variable, variable.default_value):
                errors.append(FieldError(f"variables.{name}", "invalid_character", message))
        elif variable.required:
            errors.append(FieldError(f"variables.{name}", "required", f"{name} needs a value."))
    if errors:
        raise invalid_variables(errors)
    return values


def _shown(value: Any) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) <= 60 else f"{text[:57]}…"
