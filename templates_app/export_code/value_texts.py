"""Numbers, lists and objects in a text as the service writes them (`rendering.plain`), in the words of each language.

The service writes 1.0 with its point and 0.00001 without an exponent. Python's own JSON has other exponents; JavaScript
knows no 1.0, no whole number beyond 2**53, and puts members called by whole numbers before all others.
"""

from __future__ import annotations

import json
from typing import Any, Final

from foundation.rest.rendering import dumps
from templates_app.content import Content, VariableType

WITH_NUMBERS: Final = frozenset({VariableType.NUMBER, VariableType.ARRAY, VariableType.OBJECT})
LARGEST_EXACT: Final = 2**53 - 1
LARGEST_INDEX: Final = 2**32 - 2
"""Of what JavaScript takes for a position: members with such names come first, in the order of numbers."""
WRITTEN_IN_FULL: Final = 1e21
"""From here on JavaScript writes a whole number as the service does: with an exponent."""

PYTHON: Final = '''
def written(value: Any) -> str:
    """JSON without spaces; small numbers as the playground writes them: 0.00001, 1e-6."""
    if isinstance(value, float) and 0 < abs(value) < 1e-4:
        digits, _, exponent = repr(abs(value)).partition("e-")
        plain = f"0.0000{digits.replace('.', '')}" if exponent == "05" else f"{digits}e-{int(exponent)}"
        return f"-{plain}" if value < 0 else plain
    if isinstance(value, (list, tuple)):
        return f"[{','.join(map(written, value))}]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{written(str(name))}:{written(held)}" for name, held in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)
'''
TYPESCRIPT: Final = """
/** JSON without spaces; small numbers as the playground writes them: 0.00001, 1e-6. A caller's 1.0 is 1 here. */
function written(value: unknown): string {
  if (typeof value === "number" && value !== 0 && Math.abs(value) < 1e-5) return value.toExponential();
  if (Array.isArray(value)) return `[${value.map(written).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value).map(([name, held]) => `${JSON.stringify(name)}:${written(held)}`).join(",")}}`;
}
"""
TYPESCRIPT_BODY: Final = """
function bodyOf(values: Map<string, unknown>): string {
  const members = [...values].filter(([, value]) => value !== undefined).map(([name, value]) =>
    `${JSON.stringify(name)}:${value instanceof AsJSON ? value.text : JSON.stringify(value)}`);
  return JSON.stringify(VERSION).replace(/}$/, () => `,"variables":{${members.join(",")}}}`);
}
"""
TYPESCRIPT_CLASS: Final = """
/** A value by its JSON, where JavaScript would write another: 1.0, numbers beyond 2**53, members named by numbers. */
class AsJSON {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}
"""


def holds_numbers(content: Content) -> bool:
    """Whether values may be such as languages write differently."""
    return any(each.type in WITH_NUMBERS for each in content.variables)


def is_same_in_javascript(value: Any) -> bool:
    """Whether JavaScript, given this JSON, writes the same again (with `written`)."""
    match value:
        case bool():
            return True
        case int():
            return abs(value) <= LARGEST_EXACT
        case float():
            return not value.is_integer() or abs(value) >= WRITTEN_IN_FULL
        case list() | tuple():
            return all(map(is_same_in_javascript, value))
        case dict():
            return not any(map(_is_index, value)) and all(map(is_same_in_javascript, value.values()))
    return True


def as_json(value: Any) -> str:
    """TypeScript's source of a value that JavaScript would write differently."""
    return f"new AsJSON({json.dumps(text_of(value), ensure_ascii=False)})"


def text_of(value: Any) -> str:
    """The value as the service writes it in a text."""
    return value if isinstance(value, str) else dumps(value).decode()


def _is_index(name: str) -> bool:
    return name.isascii() and name.isdigit() and str(int(name)) == name and int(name) <= LARGEST_INDEX
