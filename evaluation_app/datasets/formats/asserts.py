"""Assertions of promptfoo and our scorers, each as the other (promptfoo.dev, "Assertions and metrics").

What has no counterpart is told, and never made into something alike that judges otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import orjson

from evaluation_app.creation.case_scorers import is_plain
from evaluation_app.datasets.formats.format import Body, Read
from evaluation_app.datasets.inputs import read_json
from evaluation_app.scorers.errors import InvalidScorer
from evaluation_app.scorers.registry import made

Scorer = tuple[str, dict[str, Any]]
Assert = Mapping[str, Any]

LISTS: Final = (
    "contains-all",
    "contains-any",
    "icontains-all",
    "icontains-any",
    "not-contains-any",
    "not-icontains-any",
)
THRESHOLD_IN_BRACKETS: Final = re.compile(
    r"(?P<type>(?:not-)?[a-z][a-z0-9:-]*?)(?:\((?P<threshold>\d+(?:\.\d+)?)\))?(?::(?P<value>[\s\S]*))?"
)
CODE: Final = {
    "fn": "javascript",
    "eval": "javascript",
    "javascript": "javascript",
    "python": "python",
    "grade": "llm-rubric",
}
KNOWN: Final = frozenset({
    "answer-relevance", "assert-set", "bleu", "classifier", "contains", "contains-all", "contains-any", "contains-html",
    "contains-json", "contains-sql", "contains-xml", "context-faithfulness", "context-recall", "context-relevance",
    "cost", "equals", "factuality", "finish-reason", "g-eval", "gleu", "guardrails", "icontains", "icontains-all",
    "icontains-any", "is-html", "is-json", "is-refusal", "is-sql", "is-valid-function-call",
    "is-valid-openai-function-call", "is-valid-openai-tools-call", "is-xml", "javascript", "latency", "levenshtein",
    "llm-rubric", "meteor", "model-graded-closedqa", "model-graded-factuality", "moderation", "perplexity",
    "perplexity-score", "pi", "python", "regex", "rouge-n", "ruby", "search-rubric", "select-best", "similar",
    "starts-with", "tool-call-f1", "webhook", "word-count",
})  # fmt: skip
"""Types that a text such as `contains: Vienna` may begin with; of any other text, promptfoo makes `equals`."""
UNDERSTOOD: Final = frozenset({"type", "value", "threshold", "weight"})
OF_RE2: Final = re.compile(r"\(\?(?:[a-zA-Z-]+[:)]|P<)|\\[AzQEC]|\\p[^{]|\[\[:")
PLACE: Final = re.compile(r"\{\{\s*([^\W\d]\w*)\s*\}\}")


class NoCounterpart(ValueError):
    """No scorer judges as this assertion does; the text says why."""


def assertion_of(text: str) -> dict[str, Any]:
    """The assertion that promptfoo reads of a cell."""
    stripped = text.strip()
    head, colon, rest = stripped.partition(":")
    if colon and head in CODE:
        return {"type": CODE[head], "value": rest.strip()}
    found = THRESHOLD_IN_BRACKETS.fullmatch(stripped)
    if found is None or found["type"].removeprefix("not-") not in KNOWN:
        return {"type": "equals", "value": text}
    made_of: dict[str, Any] = {"type": found["type"]}
    if found["threshold"]:
        made_of["threshold"] = float(found["threshold"])
    if found["value"] is not None:
        value = found["value"].strip()
        made_of["value"] = [each.strip() for each in value.split(",")] if found["type"] in LISTS else value
    return made_of


def scorers_of_asserts(
    asserts: Sequence[Any], place: str, found: Read, variables: Mapping[str, Any] | None = None
) -> Body:
    """`expected_output` where one assertion says all, else `scorers`; what has no counterpart is noted at its place."""
    made_of = []
    for number, each in enumerate(asserts):
        at = f"{place}.assert.{number}"
        try:
            made_of.append(_scorer(_filled(each, variables or {}, at, found), at, found))
        except (NoCounterpart, InvalidScorer) as error:
            kind = str(each.get("type", "?"))[:60] if isinstance(each, Mapping) else "?"
            found.note(at, "no_counterpart", f"{kind}: {error} It is left out.")
    if len(made_of) == 1 and made_of[0]["weight"] == 1 and made_of[0]["required"]:
        return {"expected_output": {"type": made_of[0]["scorer"], **made_of[0]["params"]}}
    return {"scorers": made_of} if made_of else {}


def _filled(given: Any, variables: Mapping[str, Any], at: str, found: Read) -> Any:
    """The assertion with the case's values in it, as promptfoo renders it."""
    if not isinstance(given, Mapping) or not isinstance(given.get("value"), str) or "{{" not in given["value"]:
        return given

    def value(place: re.Match[str]) -> str:
        there = variables.get(place[1])
        return there if isinstance(there, str) else place[0] if there is None else orjson.dumps(there).decode()

    text = PLACE.sub(value, given["value"])
    if "{{" in text or "{%" in text:
        found.note(at, "as_text", "promptfoo would render this value: what is no plain variable is kept as text.")
    return {**given, "value": text}


def _scorer(given: Any, at: str, found: Read) -> dict[str, Any]:
    if not isinstance(given, Mapping) or not isinstance(given.get("type"), str):
        raise NoCounterpart("An assertion is an object with a type.")
    for name in sorted(given.keys() - UNDERSTOOD):
        if name == "provider" and given["type"] == "llm-rubric":
            continue
        found.note(f"{at}.{str(name)[:60]}", "not_carried", f"{str(name)[:60]} of an assertion has no place here.")
    weight = given.get("weight", 1)
    if isinstance(weight, bool) or not isinstance(weight, int | float):
        raise NoCounterpart("Its weight is no number.")
    name, params = scorer_of(given)
    made(name, params)
    # Where promptfoo gives no weight, a failure fails nothing.
    return {"scorer": name, "params": params, "weight": float(weight), "required": weight != 0}


def scorer_of(given: Assert) -> Scorer:
    """The scorer that judges as the assertion does; raises NoCounterpart."""
    kind = given["type"]
    if isinstance(value := given.get("value"), str) and value.startswith("file://"):
        raise NoCounterpart("Its value stands in another file.")
    if kind not in _READ:
        raise NoCounterpart("There is no scorer that judges so.")
    return _READ[kind](given)


def _text(given: Assert) -> str:
    value = given.get("value")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise NoCounterpart("Its value is no text.")
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _texts(given: Assert) -> list[str]:
    value = given.get("value")
    if isinstance(value, str):
        value = [each.strip() for each in value.split(",")]
    if not isinstance(value, list) or not all(isinstance(each, str | int | float) for each in value):
        raise NoCounterpart("Its value is no list of texts.")
    return [str(each) for each in value]


def _threshold(given: Assert, usual: float | None = None) -> float:
    value = given.get("threshold", usual)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NoCounterpart("It has no threshold.")
    return float(value)


def _contains(*, mode: str = "all", case_sensitive: bool, is_list: bool = False) -> Callable[[Assert], Scorer]:
    def read(given: Assert) -> Scorer:
        words = _texts(given) if is_list else [_text(given)]
        return "contains", {"keywords": words, "mode": mode, "case_sensitive": case_sensitive}

    return read


def _equals(given: Assert) -> Scorer:
    value = given.get("value")
    if isinstance(value, dict | list):
        return "equals_json", {"value": value}
    return "exact", {"value": _text(given), "trim": False, "case_sensitive": True}


def _judged(given: Assert) -> Scorer:
    provider = given.get("provider")
    first, *between = provider.split(":") if isinstance(provider, str) else [""]
    if not first or not between:
        raise NoCounterpart("It names no model that judges (its provider, such as openai:gpt-4o).")
    return "llm_judge", {"rubric": _text(given), "model_id": f"{first}/{between[-1]}"}


def _is_json(given: Assert) -> Scorer:
    value = given.get("value")
    if isinstance(value, str) and value.strip():
        value = read_json(value, None)
        if value is None:
            raise NoCounterpart("Its schema is no JSON.")
    if value is not None and value != "" and not isinstance(value, dict):
        raise NoCounterpart("Its schema is no object.")
    return "json_schema", {"schema": value or {}}


def _words(given: Assert) -> Scorer:
    value = given.get("value")
    value = read_json(value, value) if isinstance(value, str) else value
    if isinstance(value, int) and not isinstance(value, bool):
        return "length", {"min_words": value, "max_words": value}
    if not isinstance(value, Mapping) or not value.keys() <= {"min", "max"} or not value:
        raise NoCounterpart("A number of words, or min and max, are expected.")
    return "length", {f"{name}_words": bound for name, bound in value.items()}


_READ: Final[dict[str, Callable[[Assert], Scorer]]] = {
    "equals": _equals,
    "contains": _contains(case_sensitive=True),
    "icontains": _contains(case_sensitive=False),
    "contains-all": _contains(case_sensitive=True, is_list=True),
    "contains-any": _contains(mode="any", case_sensitive=True, is_list=True),
    "icontains-all": _contains(case_sensitive=False, is_list=True),
    "icontains-any": _contains(mode="any", case_sensitive=False, is_list=True),
    "not-contains": _contains(mode="none", case_sensitive=True),
    "not-icontains": _contains(mode="none", case_sensitive=False),
    "not-contains-any": _contains(mode="none", case_sensitive=True, is_list=True),
    "not-icontains-any": _contains(mode="none", case_sensitive=False, is_list=True),
    "starts-with": lambda given: ("starts_with", {"value": _text(given), "case_sensitive": True, "trim": False}),
    "regex": lambda given: ("regex", {"pattern": _text(given), "case_sensitive": True}),
    "is-json": _is_json,
    "similar": lambda given: ("semantic", {"value": _text(given), "semantic_threshold": _threshold(given, 0.75)}),
    "levenshtein": lambda given: ("levenshtein", {"value": _text(given), "max_distance": int(_threshold(given, 5))}),
    "bleu": lambda given: ("bleu", {"value": _text(given), "threshold": _threshold(given, 0.5)}),
    "latency": lambda given: ("latency", {"max_seconds": _threshold(given) / 1000}),
    "cost": lambda given: ("cost", {"max_cost": _threshold(given)}),
    "word-count": _words,
    "is-refusal": lambda given: ("refusal", {"wanted": "refusal"}),
    "not-is-refusal": lambda given: ("refusal", {"wanted": "answer"}),
    "llm-rubric": _judged,
}


def asserts_of(body: Body) -> tuple[list[dict[str, Any]], list[str]]:
    """The assertions of a case, and the names of those of its scorers that have no counterpart."""
    made_of: list[dict[str, Any]] = []
    lost: list[str] = []
    for name, params, weight in _listed(body):
        told = _assert(name, params)
        if told is None:
            lost.append(name)
        else:
            made_of.append(told if weight == 1 else {**told, "weight": weight})
    return made_of, lost


def _listed(body: Body) -> Iterable[tuple[str, Mapping[str, Any], float]]:
    if (expected := body.get("expected_output")) and not is_plain(expected):
        yield str(expected.get("type")), {n: v for n, v in expected.items() if n != "type"}, 1
    for each in body.get("scorers", ()):
        # What need not pass fails nothing there only without a weight.
        yield each["scorer"], each["params"], each["weight"] if each["required"] else 0


def _assert(name: str, params: Mapping[str, Any]) -> dict[str, Any] | None:
    write = _WRITTEN.get(name)
    return write(params) if write else None


def _written_contains(params: Mapping[str, Any]) -> dict[str, Any] | None:
    words, mode = params.get("keywords"), params.get("mode", "all")
    if not words:
        return None
    stem = "contains" if params.get("case_sensitive", False) else "icontains"
    if mode == "none":
        return (
            {"type": f"not-{stem}-any", "value": words}
            if len(words) > 1
            else {"type": f"not-{stem}", "value": words[0]}
        )
    if len(words) == 1:
        return {"type": stem, "value": words[0]}
    return {"type": f"{stem}-{mode}", "value": words}


def _written_exact(params: Mapping[str, Any]) -> dict[str, Any] | None:
    value = params.get("value")
    if value is None or not params.get("case_sensitive", True):
        return None
    return {"type": "equals", "value": value}


def _written_judge(params: Mapping[str, Any]) -> dict[str, Any] | None:
    # A scale of its own has no counterpart there.
    if params.get("scale", "pass_fail") != "pass_fail":
        return None
    return {"type": "llm-rubric", "value": params["rubric"], "provider": params["model_id"].replace("/", ":", 1)}


def _written_regex(params: Mapping[str, Any]) -> dict[str, Any] | None:
    # JavaScript's expressions know no flags within, and none of these words of RE2.
    if not params.get("case_sensitive", True) or OF_RE2.search(params["pattern"]):
        return None
    return {"type": "regex", "value": params["pattern"]}


def _with_value(
    kind: str, *, threshold: str = "", usual: float | None = None
) -> Callable[[Mapping[str, Any]], dict[str, Any] | None]:
    def write(params: Mapping[str, Any]) -> dict[str, Any] | None:
        if params.get("value") is None:
            return None
        limit = {"threshold": params.get(threshold, usual)} if threshold else {}
        return {"type": kind, "value": params["value"], **limit}

    return write


def _written_length(params: Mapping[str, Any]) -> dict[str, Any] | None:
    bounds = {name: value for name, value in params.items() if value is not None}
    if not bounds or not bounds.keys() <= {"min_words", "max_words"}:
        return None
    return {"type": "word-count", "value": {name.removesuffix("_words"): value for name, value in bounds.items()}}


_WRITTEN: Final[dict[str, Callable[[Mapping[str, Any]], dict[str, Any] | None]]] = {
    "contains": _written_contains,
    "not_contains": lambda params: _written_contains({**params, "mode": "none"}),
    "exact": _written_exact,
    "equals_json": _with_value("equals"),
    "starts_with": lambda params: _with_value("starts-with")(params) if params.get("case_sensitive", True) else None,
    "regex": _written_regex,
    "json_schema": lambda params: {"type": "is-json", **({"value": params["schema"]} if params["schema"] else {})},
    "semantic": _with_value("similar", threshold="semantic_threshold", usual=0.8),
    "levenshtein": _with_value("levenshtein", threshold="max_distance"),
    "bleu": _with_value("bleu", threshold="threshold", usual=0.3),
    "latency": lambda params: {"type": "latency", "threshold": params["max_seconds"] * 1000},
    "cost": lambda params: {"type": "cost", "threshold": params["max_cost"]},
    "length": _written_length,
    "refusal": lambda params: {
        "type": "is-refusal" if params.get("wanted", "refusal") == "refusal" else "not-is-refusal"
    },
    "llm_judge": _written_judge,
}
