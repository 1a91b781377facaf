"""How a case's answers are judged: what was sent of scorers, checked, and kept with the case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evaluation_app.scorers.errors import InvalidScorer, Path
from evaluation_app.scorers.expected import scorer_of
from evaluation_app.scorers.judging import checks_of
from evaluation_app.scorers.scorer import AnyScorer
from foundation.problems import FieldError

Kept = list[dict[str, Any]]
"""[{scorer, params, weight, required}], as `checks_of` reads them."""


def scorers_of_case(
    case: Mapping[str, Any], common: Sequence[Mapping[str, Any]], *, position: int, has_times: bool = True
) -> tuple[Kept, list[FieldError]]:
    """The scorers of a case: what it expects, its own, and those for all cases; with what is wrong with them.

    `has_times`: whether it will be known how long an answer took.
    """
    here, faults, kept = f"test_cases.{position}", list[FieldError](), Kept()
    if (expected := case.get("expected_output")) is not None and not is_plain(expected):
        try:
            scorer = scorer_of(expected)
            scorer.check_case(expected_text(expected))
            _check_times(scorer, ("type",), has_times=has_times)
            kept.append({"scorer": scorer.name, "params": scorer.params.stated(), "weight": 1.0, "required": True})
        except InvalidScorer as error:
            faults.append(_fault(f"{here}.expected_output", error))
    for place, scorers in ((f"{here}.scorers", case.get("scorers", ())), ("scorers", common)):
        for number, each in enumerate(scorers):
            try:
                (check,) = checks_of([dict(each)])
                check.scorer.check_case(expected_text(case.get("expected_output")))
                _check_times(check.scorer, (0, "scorer"), has_times=has_times)
                kept.append(dict(each))
            except InvalidScorer as error:
                # Its path begins with a place in a list of one.
                faults.append(_fault(f"{place}.{number}", InvalidScorer(str(error), error.path[1:])))
    if expected is not None and is_plain(expected) and not kept and not faults:
        faults.append(_fault(f"{here}.expected_output", InvalidScorer("No scorer compares with it.", ("type",))))
    if kept and not faults and not any(each.get("required", True) for each in kept):
        message = "None of its scorers is required: nothing says when an answer passes."
        faults.append(_fault(f"{here}.scorers" if case.get("scorers") else "scorers", InvalidScorer(message)))
    return kept, faults


def _check_times(scorer: AnyScorer[Any], path: Path, *, has_times: bool) -> None:
    if scorer.needs_times and not has_times:
        raise InvalidScorer(f"{scorer.name} gives no score at economy: how long a batch took tells nothing.", path)


def is_plain(expected_output: Mapping[str, Any]) -> bool:
    """Whether it only says what is expected (`{"value": …}`), and leaves it to other scorers how that is judged."""
    return expected_output.keys() == {"value"}


def expected_text(expected_output: Any) -> Any:
    """What scorers without a value of their own go by: the text, number or JSON that the case expects, or None."""
    return expected_output.get("value") if isinstance(expected_output, Mapping) else None


def _fault(place: str, error: InvalidScorer) -> FieldError:
    return FieldError(f"{place}.{error.field}" if error.field else place, "invalid_scorer", str(error))
