"""Code that a service like this one handed over: whose it is, as its comments say, and the call where it is Python.

Nothing of it is run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from templates_app.content import VariableType
from templates_app.exchange.dialects.openai_code import LONGEST
from templates_app.exchange.dialects.python_values import source_of, tree_of, value_of
from templates_app.exchange.formats.format import Reference

_HEAD: Final = re.compile(
    r"^(?P<mark>#|//) Handed over from (?P<address>https?://[^\s,]{1,200}), template (?P<id>[0-9a-f-]{36})\.$",
    re.MULTILINE,
)
_NAMED: Final = re.compile(
    r"(?:#|//) (?P<name>[^\n]+): version (?P<number>\d{1,9})(?:, labelled (?P<label>[a-z][a-z0-9_-]{0,49}))?\.\Z"
)
"""The line before; a very long name is cut there, and has neither behind it."""
_FUNCTION: Final = re.compile(r"^def \w+\(", re.MULTILINE)
_TYPES: Final[Mapping[str, VariableType]] = {
    "str": VariableType.STRING,
    "float": VariableType.NUMBER,
    "bool": VariableType.BOOLEAN,
    "list": VariableType.ARRAY,
    "dict[str, Any]": VariableType.OBJECT,
    "dict[str, str]": VariableType.FILE,
    "list[dict[str, Any]]": VariableType.MESSAGES,
}
_ITEMS: Final[Mapping[str, str]] = {"str": "string", "float": "number", "bool": "boolean", "dict[str, Any]": "object"}


@dataclass(frozen=True, slots=True)
class ServiceCode:
    """Code of one template."""

    name: str
    reference: Reference
    constants: Mapping[str, Any]
    """What is written out at the top of Python, by its names; empty where it is no Python, or holds no text."""
    variables: list[dict[str, Any]]
    is_jinja: bool
    has_partials: bool
    """Whether texts of other templates stand in its own."""
    others: list[str]
    """Constants that were written out, and are no more."""

    @property
    def holds_text(self) -> bool:
        """Whether the template's own texts can be read from it."""
        return isinstance(self.constants.get("PROMPT"), str) or bool(self.constants.get("MESSAGES"))


def service_code(text: str) -> ServiceCode | None:
    """The code, as far as it can be read; None where no service says that it wrote it."""
    head = _HEAD.search(text[:4_000]) if len(text) <= LONGEST else None
    if head is None or (template_id := _uuid(head["id"])) is None:
        return None
    if head["mark"] == "#" and not _FUNCTION.search(text):
        return None  # a shell's, or a configuration
    named = _NAMED.search(text[: head.start()].rstrip("\n").rpartition("\n")[2])
    reference = Reference(
        template_id,
        (named and named["label"]) or "",
        int(named["number"]) if named else None,
        address=head["address"],
        is_code=True,
    )
    tree = tree_of(text) if head["mark"] == "#" else None
    assigned = dict(_assigned(tree.body)) if tree else {}
    constants = {name: value for name, value in assigned.items() if value is not ...}
    kinds = constants.get("PART_VARIABLES")
    return ServiceCode(
        named["name"] if named else "",
        reference,
        constants=constants,
        variables=_variables(tree, kinds if isinstance(kinds, dict) else {}) if tree else [],
        is_jinja="SandboxedEnvironment" in text,
        has_partials="Partials stand in it as text" in text,
        others=sorted(name for name, value in assigned.items() if value is ... and name not in ("PLACE", "ENGINE")),
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _assigned(body: Iterable[ast.stmt]) -> Iterator[tuple[str, Any]]:
    """Names in capitals with what they are set to; `...` for what is not written out."""
    for node in body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(target, ast.Name) and target.id.isupper():
            yield target.id, value_of(node.value)


def _variables(tree: ast.Module, kinds: Mapping[Any, Any]) -> list[dict[str, Any]]:
    """The parameters of the function that production calls: the last one, which gives all of them to `ask`."""
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    if not functions:
        return []
    called = functions[-1]
    names = _names_by_parameter(called)
    defaults = zip(called.args.kwonlyargs, called.args.kw_defaults, strict=True)
    return [
        _variable(names[parameter.arg], parameter.annotation, default, kinds)
        for parameter, default in defaults
        if parameter.arg in names
    ]


def _names_by_parameter(function: ast.FunctionDef) -> dict[str, str]:
    """A parameter that is a word of Python has an underscore that its variable has not."""
    found: dict[str, str] = {}
    for node in ast.walk(function):
        pairs = zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ()
        for key, value in pairs:
            if isinstance(key, ast.Constant) and isinstance(key.value, str) and isinstance(value, ast.Name):
                found[value.id] = key.value
    return found


def _variable(
    name: str, annotation: ast.expr | None, default: ast.expr | None, kinds: Mapping[Any, Any]
) -> dict[str, Any]:
    written = source_of(annotation)
    said = written.removesuffix(" | None")
    is_nullable = written != said
    made: dict[str, Any] = {"name": name}
    rules: list[dict[str, Any]] = []
    kind = _TYPES.get(said, VariableType.STRING)
    if said.startswith("Literal["):
        rules += [{"rule": "enum", "value": choices}] if (choices := _choices(annotation)) else []
    elif said.startswith("list[") and said not in _TYPES:
        kind = VariableType.ARRAY
        if item := _ITEMS.get(said[5:-1]):
            rules.append({"rule": "item_type", "value": item})
    if name in kinds and kinds[name] in ("image", "file"):
        kind = VariableType(kinds[name])
    made["type"] = kind.value
    value = ... if default is None else value_of(default)
    if value is not ... and not (value is None and is_nullable):
        made["default_value"] = value
    if default is not None:
        made["required"] = False
    return {**made, "validation_rules": rules} if rules else made


def _choices(annotation: ast.expr | None) -> list[str]:
    nodes = ast.walk(annotation) if annotation else ()
    return [value for node in nodes if isinstance(node, ast.Constant) and isinstance(value := value_of(node), str)]
