"""JSON values, texts and types as TypeScript writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from templates_app.content import Variable, VariableType
from templates_app.export_code.value_texts import as_json, is_same_in_javascript

_SOURCE: Final = " | ".join(
    f"{{ {source}: string; media_type?: string; name?: string; alt?: string }}" for source in ("data_url", "url")
)
_TYPES: Final = {
    VariableType.STRING: "string",
    VariableType.NUMBER: "number",
    VariableType.BOOLEAN: "boolean",
    VariableType.ARRAY: "unknown[]",
    VariableType.OBJECT: "Record<string, unknown>",
    VariableType.IMAGE: _SOURCE,
    VariableType.FILE: _SOURCE,
    VariableType.MESSAGES: "OpenAI.Chat.ChatCompletionMessageParam[]",
}
OF_EVERY_OBJECT: Final = frozenset(
    {
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
        "toString",
        "valueOf",
    }
)
"""What an object has without being given it, of another type than a variable's."""
_ITEMS: Final = {"string": "string[]", "number": "number[]", "boolean": "boolean[]"}


def literal(value: Any) -> str:
    """A JSON value's source. JSON is a part of ECMAScript but for one name, which would set a prototype."""
    source = json.dumps(value, ensure_ascii=False, indent=2)
    return f"JSON.parse({json.dumps(source)})" if '"__proto__"' in source else source


def value_literal(value: Any) -> str:
    """The source of a variable's value, which JavaScript writes in a text as the service does."""
    return literal(value) if is_same_in_javascript(value) else as_json(value)


def values_literal(values: Mapping[str, Any]) -> str:
    """The source of an object with values of variables."""
    if all(map(is_same_in_javascript, values.values())):
        return literal(values)
    members = "".join(f"  [{json.dumps(name)}]: {value_literal(value)},\n" for name, value in values.items())
    return f"{{\n{members}}}"


def text_literal(text: str) -> str:
    """A string's source, a line of the text a line; in double quotes, where neither ` nor ${ means anything."""
    lines = text.split("\n")
    if len(lines) == 1:
        return literal(text)
    return "[\n" + "".join(f"  {json.dumps(line, ensure_ascii=False)},\n" for line in lines) + '].join("\\n")'


def type_of(variable: Variable) -> str:
    """The variable's type, as narrow as its rules allow."""
    rules = {rule.name: rule.value for rule in variable.rules}
    choices = rules.get("enum")
    if isinstance(choices, list) and choices and all(isinstance(each, str) for each in choices):
        return " | ".join(json.dumps(each, ensure_ascii=False) for each in choices)
    if variable.type is VariableType.ARRAY:
        return _ITEMS.get(str(rules.get("item_type")), _TYPES[variable.type])
    return _TYPES[variable.type]
