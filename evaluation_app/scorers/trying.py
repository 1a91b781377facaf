"""A scorer tried on a text, before anything is run."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from evaluation_app.scorers import running
from evaluation_app.scorers.errors import InvalidScorer
from evaluation_app.scorers.registry import made
from evaluation_app.scorers.sample import Sample, Score, ToolCall

FACTS: Final = frozenset({"expected", "tool_calls", "latency", "cost", "schema_valid", "variables"})


def try_scorer(*, scorer: Any, params: Any, output: Any, case: Any = None) -> dict[str, Any]:
    """`{value, passed, reason}`, as `POST /api/evaluation/scorers/try` gives them.

    `case` holds what is known beside the output: `expected`, `tool_calls`, `latency`, `cost`, `schema_valid`,
    `variables`. Raises InvalidScorer for what was sent, ScorerError when the scorer gives no score.
    """
    score = tried(scorer=scorer, params=params, output=output, case=case)
    return {"value": score.value, "passed": score.passed, "reason": score.reason}


def tried(*, scorer: Any, params: Any, output: Any, case: Any = None) -> Score:
    """As `try_scorer`, the score itself."""
    asked = made(scorer, params)
    sample = sample_of(output, case)
    try:
        asked.check_case(sample.expected)
    except InvalidScorer as error:
        raise error.below("params") from None
    return running.score(asked, sample)


def sample_of(output: Any, case: Any = None) -> Sample:
    """The sample; raises InvalidScorer, whose path begins with `output` or `case`."""
    if not isinstance(output, str):
        raise InvalidScorer("The output is a text.", ("output",))
    if not isinstance(case, Mapping | None):
        raise InvalidScorer("A case is an object.", ("case",))
    facts = dict(case or {})
    if strange := sorted(set(map(str, facts)) - FACTS):
        raise InvalidScorer("There is no such fact of a case.", ("case", strange[0]))
    readers = {"tool_calls": _calls, "latency": _latency, "cost": _cost, "schema_valid": _flag, "variables": _variables}
    for name, read in readers.items():
        if facts.get(name) is not None:
            facts[name] = read(facts[name], name)
        else:
            facts.pop(name, None)
    return Sample(output, **facts)


def _calls(told: Any, name: str) -> tuple[ToolCall, ...]:
    if not isinstance(told, list) or not all(isinstance(c, Mapping) and isinstance(c.get("name"), str) for c in told):
        raise _wrong(name, "Tool calls are a list of objects with a name and arguments.")
    return tuple(ToolCall(call["name"], call.get("arguments")) for call in told)


def _latency(told: Any, name: str) -> float:
    if isinstance(told, bool) or not isinstance(told, int | float) or not 0 <= told < float("inf"):
        raise _wrong(name, "The latency is a number of seconds, from 0.")
    return float(told)


def _cost(told: Any, name: str) -> Decimal:
    try:
        cost = Decimal(str(told))
    except InvalidOperation:
        cost = Decimal("NaN")
    if isinstance(told, bool) or not cost.is_finite() or cost < 0:
        raise _wrong(name, "The cost is a number of US dollars, from 0.")
    return cost


def _flag(told: Any, name: str) -> bool:
    if not isinstance(told, bool):
        raise _wrong(name, "Whether the output fits its schema is true or false.")
    return told


def _variables(told: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(told, Mapping):
        raise _wrong(name, "Variables are an object.")
    return told


def _wrong(name: str, sentence: str) -> InvalidScorer:
    return InvalidScorer(sentence, ("case", name))
