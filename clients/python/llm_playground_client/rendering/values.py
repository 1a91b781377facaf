"""Whether values fit their variables, in the service's words; what only the service can ask is named."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from llm_playground_client.errors import FieldProblem, unfit
from llm_playground_client.rendering.texts import as_text, name_of

NO_TEXT: Final = re.compile("[\x00\ud800-\udfff]")
LARGEST_INTEGER: Final = 2**53
ONLY_THERE: Final = frozenset({"pattern", "schema"})
"""Rules whose languages (RE2, JSON Schema) the standard library does not speak."""
Variable = Mapping[str, Any]
_TYPES: Final[Mapping[str, Callable[[Any], bool]]] = {
    "string": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def as_json(variables: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they would arrive at the service; a ProblemError names each that JSON cannot say."""
    errors: list[FieldProblem] = []
    values: dict[str, Any] = {}
    for name, value in variables.items():
        try:
            values[name] = json.loads(json.dumps(value, allow_nan=False))
        except (TypeError, ValueError, RecursionError) as error:
            errors.append(FieldProblem(f"variables.{name}", "invalid", f"{name} cannot be said in JSON: {error}."))
            continue
        if _has_long_number(values[name]):
            errors.append(FieldProblem(f"variables.{name}", "number_too_large", "Whole numbers are taken up to ±2^53."))
    if errors:
        raise unfit(errors)
    return values


def _has_long_number(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_long_number, value.values()))
    if isinstance(value, list):
        return any(map(_has_long_number, value))
    return isinstance(value, int) and not -LARGEST_INTEGER <= value <= LARGEST_INTEGER


def checked(variables: Sequence[Variable], used: Iterable[str], given: Mapping[str, Any]) -> dict[str, Any]:
    """The value of every variable that has one: given, else its default; a ProblemError names each that does not fit.

    `used` are the names in the texts: one that is not declared is a required string.
    """
    given = {name_of(name) or name: value for name, value in given.items()}
    wanted: dict[str, Variable] = {name_of(each["name"]) or each["name"]: each for each in variables}
    for name in used:
        wanted.setdefault(name, {"name": name})
    errors = [
        FieldProblem(f"variables.{name}", "unknown", f"The template has no variable {name[:100]!r}.")
        for name in given
        if name not in wanted
    ]
    values: dict[str, Any] = {}
    for name, variable in wanted.items():
        if name in given:
            values[name] = given[name]
            errors += [FieldProblem(f"variables.{name}", *fault) for fault in _faults(variable, given[name])]
        elif "default_value" in variable:
            values[name] = variable["default_value"]
        elif variable.get("required", True):
            errors.append(FieldProblem(f"variables.{name}", "required", f"{name} needs a value."))
    if errors:
        raise unfit(errors)
    return values


def only_there(variables: Sequence[Variable], given: Mapping[str, Any]) -> list[str]:
    """The rules of given values that nobody but the service can ask: `pattern of code`."""
    return [f"{rule} of {each['name']}" for each in variables if each["name"] in given for rule, _ in _rules(each)
            if rule in ONLY_THERE]  # fmt: skip


def _rules(variable: Variable) -> Iterator[tuple[str, Any]]:
    for rule in variable.get("validation_rules") or ():
        yield str(rule["rule"]), rule["value"]


def _faults(variable: Variable, value: Any) -> Iterator[tuple[str, str]]:
    name, kind = variable["name"], variable.get("type", "string")
    if odd := next(filter(None, map(NO_TEXT.search, _texts_in(value))), None):
        yield "invalid_character", f"{name} holds U+{ord(odd[0]):04X}, which can be neither stored nor sent."
        return
    if not _TYPES[kind](value):
        yield "type", f"{name} must be of type {kind}; {_shown(value)} is not."
        return
    for rule, limit in _rules(variable):
        if rule not in ONLY_THERE and (message := _ASKED[rule](value, limit)):
            yield rule, f"{name} {message}"


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


def _misfit_item(value: list[Any], kind: str) -> str:
    wrong = next((each for each in value if not _TYPES[kind](each)), None)
    return f"must hold only items of type {kind}; {_shown(wrong)} is not." if wrong is not None else ""


_ASKED: Final[Mapping[str, Callable[[Any, Any], str]]] = {
    "min": lambda value, least: "" if value >= least else f"must be at least {least}.",
    "max": lambda value, most: "" if value <= most else f"must be at most {most}.",
    "min_length": lambda value, least: "" if len(value) >= least else f"must have a length of at least {least}.",
    "max_length": lambda value, most: "" if len(value) <= most else f"must have a length of at most {most}.",
    "enum": lambda value, choices: (
        "" if value in choices else f"must be one of {', '.join(map(_shown, choices[:20]))}."
    ),
    "item_type": _misfit_item,
}


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else as_text(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
