"""What a case expects, in the spec's shape: `{"type": "contains", "keywords": [...]}`, a scorer and its parameters.

The spec gives `exact` and `semantic` no text of their own: they take `value`, or the keywords in its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evaluation_app.scorers.errors import InvalidScorer
from evaluation_app.scorers.registry import made
from evaluation_app.scorers.scorer import AnyScorer


def scorer_of(expected_output: Any) -> AnyScorer[Any]:
    """The scorer; raises InvalidScorer, whose path begins with `type` or with the field that does not hold."""
    if not isinstance(expected_output, Mapping):
        raise InvalidScorer("What is expected is an object with a type.")
    if "type" not in expected_output:
        raise InvalidScorer("The type names the scorer, such as contains, exact, regex or semantic.", ("type",))
    kind = expected_output["type"]
    params = {name: value for name, value in expected_output.items() if name != "type"}
    try:
        return made(kind, _with_a_text(kind, params))
    except InvalidScorer as error:
        path = ("type",) if error.path[:1] == ("scorer",) else error.path[1:]
        raise InvalidScorer(str(error), path) from None


def _with_a_text(kind: Any, params: dict[str, Any]) -> dict[str, Any]:
    """The parameters, keywords made the text of a scorer that knows none."""
    keywords = params.get("keywords")
    if kind not in ("exact", "semantic") or "value" in params or not isinstance(keywords, list) or not keywords:
        return params
    if not all(isinstance(word, str) for word in keywords):
        raise InvalidScorer("Keywords are texts.", ("params", "keywords"))
    if kind == "exact" and len(keywords) > 1:
        raise InvalidScorer("An output can be exactly one text only.", ("params", "keywords"))
    rest = {name: value for name, value in params.items() if name != "keywords"}
    return rest | {"value": " ".join(keywords)}
