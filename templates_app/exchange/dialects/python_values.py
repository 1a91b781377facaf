"""Values that are written out in Python code, as far as JSON has them too. Nothing of the code is run."""

from __future__ import annotations

import ast
import json
import warnings
from typing import Any

from foundation.http import body_gate
from foundation.problems import Problem


def tree_of(text: str) -> ast.Module | None:
    """The code's tree; None where it is no Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def value_of(node: ast.expr | None) -> Any:
    """A value as a JSON file might hold it; `...` for everything else."""
    try:
        value = ... if node is None else ast.literal_eval(node)
        return body_gate.parse(json.dumps(value, allow_nan=False).encode()) if _is_json(value) else ...
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError, Problem):
        return ...


def source_of(node: ast.expr | None) -> str:
    """The words of an annotation, on one line; empty where there is none, or no end to it."""
    try:
        return ast.unparse(node) if node else ""
    except RecursionError:
        return ""


def _is_json(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(name, str) and _is_json(inner) for name, inner in value.items())
    if isinstance(value, list):
        return all(map(_is_json, value))
    return value is None or isinstance(value, (str, bool, int, float))
