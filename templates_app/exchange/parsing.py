"""An import file as plain values: JSON or YAML, without what makes either of them explode."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import orjson
import yaml

from foundation.http import body_gate
from foundation.problems import FieldError, Problem, invalid
from foundation.words import number

LARGEST_YAML: Final = 2 * 1024 * 1024
"""Bytes; YAML takes a hundred times as long to read as JSON."""
DEEPEST: Final = body_gate.DEEPEST
MOST_NODES: Final = 200_000
ARCHIVES: Final = (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"(\xb5/\xfd")
_FRONT_MATTER: Final = re.compile(r"\A\s*---[ \t]*\r?\n(?P<head>.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_Loader: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(body: bytes) -> Any:
    """The values of an import file; a Problem (400) says what it is not."""
    if not body.strip():
        raise _refused("empty", "The file is empty.")
    if body.startswith(ARCHIVES):
        raise _refused("archive", "This is an archive: unpack it, and send the JSON or YAML file.")
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError as error:
        if body.lstrip()[:1] in (b"{", b"["):
            raise _refused("malformed_json", f"The file is no JSON: {error}.") from None
        value = _read_yaml(body)
    else:
        return body_gate.parse(body)
    body_gate.check(value)
    return value


def read_lines(text: str) -> list[Any] | None:
    """The values of JSON Lines, of two lines at least; None where a line is no JSON object."""
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) < 2 or any(not line.lstrip().startswith("{") for line in lines):
        return None
    try:
        return [body_gate.parse(line.encode()) for line in lines]
    except Problem:
        return None


def read_front_matter(text: str) -> tuple[Mapping[str, Any], str] | None:
    """The YAML between two lines of `---` at the beginning, and the text below; None without them.

    Raises Problem where what stands there is no YAML. The text is as it stands, but for one line break before it.
    """
    found = _FRONT_MATTER.match(text)
    if not found:
        return None
    above = text.count("\n", 0, found.start("head"))
    what = "The front matter is no YAML"
    head = _read_yaml(found["head"].encode(), what=what, lines_above=above) if found["head"].strip() else {}
    if not isinstance(head, Mapping):
        return None
    return head, text[found.end() :]


def _read_yaml(body: bytes, *, what: str = "The file is neither JSON nor YAML", lines_above: int = 0) -> Any:
    if len(body) > LARGEST_YAML:
        raise _refused("too_large", f"YAML is taken up to {number(LARGEST_YAML)} bytes: send JSON.")
    try:
        _check_events(body)
        return _plain(yaml.load(body, Loader=_Loader))  # noqa: S506 - a safe loader, named above
    except (yaml.YAMLError, UnicodeError, ValueError, RecursionError) as error:
        raise _refused("malformed_yaml", f"{what}: {_reason(error, lines_above)}") from None


def _reason(error: Exception, lines_above: int) -> str:
    """What is wrong, and the line and column of the file that it is at."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return str(error)[:300]
    told = getattr(error, "problem", None) or "it cannot be read"
    return f"{told[:200]} (line {mark.line + 1 + lines_above}, column {mark.column + 1})"


def _check_events(body: bytes) -> None:
    """Looks at the stream before anything is built of it: aliases multiply, and depth recurses."""
    depth = 0
    for count, event in enumerate(yaml.parse(body, Loader=_Loader)):
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.AliasEvent):
            raise _refused("alias", f"Line {line}: aliases are not taken; write the value out.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise _refused("too_deep", f"Line {line}: nesting is taken up to {DEEPEST} levels.")
        if count > MOST_NODES:
            raise _refused("too_large", f"More than {number(MOST_NODES)} values.")


def _plain(value: Any) -> Any:
    """The value as JSON knows it: times become text, and keys are text."""
    if isinstance(value, dict):
        return {_plain(str(name)): _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [_plain(inner) for inner in value]
    if value is None or isinstance(value, (str, bool, int, float)):
        if isinstance(value, str):
            value.encode()  # UnicodeError: YAML can write half of a surrogate pair
        if isinstance(value, float) and not (value - value == 0):
            raise ValueError("NaN and infinity are no values")
        return value
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise ValueError(f"a value of type {type(value).__name__} is not taken")


def _refused(code: str, message: str) -> Problem:
    return invalid([FieldError("", code, message)])
