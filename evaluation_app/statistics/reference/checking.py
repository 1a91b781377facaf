"""How a case of a reference file is judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from evaluation_app.statistics.errors import InvalidArgument
from evaluation_app.statistics.reference import pairs, rates, runs  # noqa: F401 - enter their names
from evaluation_app.statistics.reference.registry import STATISTICS, Output

TOLERANCE: Final = 1e-9
MAIN: Final = (
    "value",
    "low",
    "p_value",
    "difference",
    "mean",
    "kappa",
    "rate",
    "effect_size",
    "standard_error",
    "cases",
    "n",
)
"""The keys of which at least one is a statistic's own figure."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One case of a file: whether it came out as expected, and if not, why."""

    name: str
    passed: bool
    why: str = ""


def check(case: Any) -> Checked:
    """Runs `{stat, input, expected, tolerance}`; keys of the output that are not expected are not looked at.

    `expected` may be null (no figure) or `{"error": true | code | part of the sentence}` (input refused).
    """
    if not isinstance(case, dict) or not isinstance(case.get("stat"), str):
        return Checked("?", False, "a case is an object with stat, input and expected")
    name = case["stat"]
    statistic = STATISTICS.get(name)
    if statistic is None:
        return Checked(name, False, "no such statistic")
    given = case.get("input")
    if not isinstance(given, dict) or "expected" not in case:
        return Checked(name, False, "a case is an object with stat, input and expected")
    try:
        output = statistic(**given)
    except InvalidArgument as error:
        output = {"error": error.code, "message": str(error)}
    except (TypeError, ValueError) as error:
        return Checked(name, False, f"its input does not fit: {error}")
    tolerance = case.get("tolerance")
    why = _unlike(output, case["expected"], tolerance if isinstance(tolerance, (int, float)) else TOLERANCE)
    return Checked(name, not why, why)


def _unlike(output: Output, expected: Any, tolerance: float) -> str:
    """What differs, or nothing."""
    refused = "error" in output
    if expected is None:
        figures = [] if refused else [key for key in MAIN if output.get(key) is not None]
        return f"expected no figure, got {output}" if figures else ""
    if not isinstance(expected, dict):
        key = next((key for key in MAIN if key in output), "value")
        expected = {key: expected}
    if "error" in expected:
        wanted = expected["error"]
        told = f"{output.get('error')}: {output.get('message')}" if refused else str(output.get("reason"))
        fits = refused if isinstance(wanted, bool) and wanted else isinstance(wanted, str) and wanted in told
        return "" if fits else f"expected it to be refused ({wanted}), got {output}"
    if refused:
        return str(output["message"])
    wrong = [
        f"{key} {output[key]!r}, not {value!r}" if key in output else f"no {key} (only {', '.join(sorted(output))})"
        for key, value in expected.items()
        if key not in output or not _alike(output[key], value, tolerance)
    ]
    return "; ".join(wrong)


def _alike(got: Any, wanted: Any, tolerance: float) -> bool:
    if isinstance(wanted, (list, tuple)):
        return (
            isinstance(got, (list, tuple))
            and len(got) == len(wanted)
            and all(_alike(one, other, tolerance) for one, other in zip(got, wanted, strict=True))
        )
    if isinstance(wanted, dict):
        return isinstance(got, dict) and all(
            key in got and _alike(got[key], value, tolerance) for key, value in wanted.items()
        )
    numeric = (int, float)
    if (
        isinstance(got, bool)
        or isinstance(wanted, bool)
        or not (isinstance(got, numeric) and isinstance(wanted, numeric))
    ):
        return bool(got == wanted)
    return abs(got - wanted) <= tolerance
