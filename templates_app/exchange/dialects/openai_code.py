"""Requests in code that people copy: curl, and Python that calls OpenAI's or Anthropic's SDK. Nothing of it is run."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from templates_app.exchange import parsing
from templates_app.exchange.dialects.python_values import tree_of, value_of

LONGEST: Final = 500_000
"""Characters of code that are looked at."""
_CURL: Final = re.compile(r"\A\s*(?:#[^\n]*\n\s*){0,50}(?:\$\s*)?curl\s")
_COMMENTS: Final = re.compile(r"\A\s*(?:#[^\n]*\n\s*){1,50}")
_DATA: Final = re.compile(
    r"(?<!\S)(?:-d|--data(?:-raw|-binary|-ascii)?|--json)(?=[\s='\"$\\@{])[ =]*\\?\s*(?P<rest>.*)", re.DOTALL
)
_HEREDOC: Final = re.compile(r"<<-?\s*['\"]?(?P<end>\w+)['\"]?[^\n]*\n(?P<body>.*?)\n\s*(?P=end)\b", re.DOTALL)
_DOOR: Final = re.compile(r"(?P<address>https?://[^\s'\"@]{1,200}?)/api/prompts/execute\b")
_METHODS: Final = ("create", "parse", "stream")
_CREATE: Final = re.compile(rf"\.(?:{'|'.join(_METHODS)})\(")
_ASKED: Final = frozenset({"messages", "input", "instructions", "prompt"})


class Pasted(NamedTuple):
    """A request, and the arguments whose values only the code knows."""

    request: Mapping[str, Any]
    left_out: list[str]
    address: str = ""
    """Of the service of ours that is asked, where the code tells."""


def is_code(text: str) -> bool:
    """Whether it may be such code."""
    if len(text) > LONGEST or text.lstrip()[:1] in ("{", "["):
        return False
    return bool(_CURL.match(text) or _CREATE.search(text))


def request_of(text: str) -> Pasted | None:
    """The request; None where the code has none. Raises Problem where curl sends something else."""
    if not _CURL.match(text):
        return _of_python(text)
    text = _COMMENTS.sub("", text)
    body = _of_curl(text)
    if body is None:
        return None
    asked = _DOOR.search(text)
    return Pasted(body, [], asked["address"] if asked else "")


def _of_python(text: str) -> Pasted | None:
    """The arguments of the first call of an SDK that are written out."""
    tree = tree_of(text)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS:
            found = {each.arg: value_of(each.value) for each in node.keywords if each.arg}
            said = {name: value for name, value in found.items() if value is not ...}
            if _ASKED & said.keys():
                return Pasted(said, sorted(found.keys() - said.keys()))
    return None


def _of_curl(text: str) -> Mapping[str, Any] | None:
    """The body that curl sends; raises Problem where that is no JSON."""
    if here := _HEREDOC.search(text):
        body = here["body"]
    elif found := _DATA.search(text):
        body = _unquoted(found["rest"])
    else:
        return None
    value = parsing.read(body.encode()) if body.lstrip().startswith("{") else None
    return value if isinstance(value, Mapping) else None


def _unquoted(rest: str) -> str:
    """A word of the shell: what `'…'`, `"…"` or `$'…'` holds."""
    if rest.startswith("'"):
        parts, at = [], 0
        while rest[at : at + 1] == "'":
            end = rest.find("'", at + 1)
            if end < 0:
                return ""
            parts.append(rest[at + 1 : end])
            at = end + 1
            for escaped in ("\\'", '"\'"'):
                if rest.startswith(escaped + "'", at):
                    parts.append("'")
                    at += len(escaped)
                    break
        return "".join(parts)
    if found := re.match(r'"((?:[^"\\]|\\.)*)"', rest, re.DOTALL):
        return re.sub(r'\\(["\\$`\n])', lambda each: each[1].strip("\n"), found[1])
    return ""
