"""Whether a number in an output is the wanted one."""

from __future__ import annotations

from decimal import Context, Decimal, localcontext
from typing import Annotated, Any, Literal

from pydantic import Field

from evaluation_app.scorers.errors import InvalidScorer, refused
from evaluation_app.scorers.parameters import Parameters
from evaluation_app.scorers.reading.numbers import Number, numbers_in
from evaluation_app.scorers.sample import Sample, Score, quoted
from evaluation_app.scorers.scorer import Scorer
from foundation.words import number

EXACT = Context(prec=20_000, traps=[])
"""Holds the difference of any two numbers that are read."""

Tolerance = Annotated[float, Field(ge=0)]


class NumericParameters(Parameters):
    """Of `numeric`."""

    value: int | float | None = None
    """The wanted number; without it, the one that the case expects."""
    absolute_tolerance: Tolerance = 0.0
    """How far the number may be off."""
    relative_tolerance: Tolerance = 0.0
    """The same, as a part of the wanted number (0.1 = 10 %); the larger of the two holds."""
    which: Literal["last", "first", "any", "only"] = "last"
    """Which number of the output counts; `only` fails where there are several."""
    percent: Literal["either", "number", "fraction"] = "either"
    """What 45 % is: 45 (`number`), 0.45 (`fraction`), or whichever of them is wanted."""


class Numeric(Scorer[NumericParameters]):
    """1.0 when a number in the output, the last one unless told otherwise, is the wanted one within the tolerance.

    Thousands may be grouped (1,200; 1.200,5; 1 200; 1'200), decimals follow a point or a comma; 3 digits after a single
    comma are thousands, after a single point decimals. Exponents, U+2212 and percent signs are read, words are not.
    """

    name = "numeric"
    title = "Number"
    parameters = NumericParameters
    in_place = 10_000

    def check_case(self, expected: Any) -> None:
        """The number comes from the parameters or from the case."""
        if self._wanted(expected) is None:
            raise InvalidScorer("A number is needed here, or a case that expects one.", ("value",))

    def score(self, sample: Sample) -> Score:
        """1.0 or 0.0."""
        wanted = self._wanted(sample.expected)
        if wanted is None:
            raise refused("There is no number to compare with: give one, or let the case expect one.")
        numbers = self._chosen(list(numbers_in(sample.output)))
        if isinstance(numbers, str):
            return Score.binary(False, numbers)
        fitting = next((number for number in numbers if self._fits(number, wanted)), None)
        shown = quoted((fitting or numbers[-1]).text.strip())
        return Score.binary(fitting is not None, f"Found {shown}, wanted is {wanted}.")

    def _chosen(self, numbers: list[Number]) -> list[Number] | str:
        """Those that count, or why there are none."""
        if not numbers:
            return "There is no number in the output."
        match self.params.which:
            case "first":
                return numbers[:1]
            case "last":
                return numbers[-1:]
            case "only" if len(numbers) > 1:
                return f"There are {number(len(numbers))} numbers in the output."
            case _:
                return numbers

    def _fits(self, number: Number, wanted: Decimal) -> bool:
        with localcontext(EXACT):
            share = Decimal(repr(self.params.relative_tolerance)) * abs(wanted)
            most = max(Decimal(repr(self.params.absolute_tolerance)), share)
            return any(abs(reading - wanted) <= most for reading in self._readings(number))

    def _readings(self, number: Number) -> list[Decimal]:
        parts = {"number": [number.value], "fraction": [number.value / number.divisor]}
        return parts.get(self.params.percent) or parts["number"] + parts["fraction"]

    def _wanted(self, expected: Any) -> Decimal | None:
        wanted = self.params.value if self.params.value is not None else expected
        if isinstance(wanted, int | float) and not isinstance(wanted, bool):
            return Decimal(str(wanted))
        if isinstance(wanted, str):
            numbers = list(numbers_in(wanted))
            return numbers[0].value if len(numbers) == 1 else None
        return None
