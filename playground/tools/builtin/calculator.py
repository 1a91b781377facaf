"""A calculator: a grammar of its own, and no `eval`. Decimal arithmetic, told to 34 digits (as IEEE 754 decimal128).

sum     = product (("+" | "-") product)*
product = sign (("*" | "/" | "//" | "%") sign)*
sign    = ("+" | "-") sign | power
power   = atom (("**" | "^") sign)?
atom    = number | constant | function "(" sum ("," sum)* ")" | "(" sum ")"
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from decimal import Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow
from typing import Any, Final

from foundation.words import number
from playground.tools.tool import Caller, Tool, ToolFailed

LONGEST: Final = 1_000
"""Characters."""
DEEPEST: Final = 50
_SHOWN: Final = 34
_CONTEXT: Final = Context(prec=_SHOWN + 6, Emax=6144, Emin=-6143, traps=[InvalidOperation, DivisionByZero, Overflow])
_TOLD: Final = Context(prec=_SHOWN, Emax=6144, Emin=-6143, traps=[Overflow])
_WORD: Final = re.compile(
    r"\s*(?:(\d+(?:\.\d*)?(?:[eE][+-]?\d{1,4})?|\.\d+(?:[eE][+-]?\d{1,4})?)|([a-z][a-z0-9]*)|(\*\*|//|[-+*/%^(),]))"
)


def _by_float(function: Callable[[float], float]) -> Callable[[Decimal], Decimal]:
    return lambda value: Decimal(repr(function(float(value))))


CONSTANTS: Final = {
    "pi": Decimal("3.14159265358979323846264338327950288419716939937511"),
    "e": _CONTEXT.exp(Decimal(1)),
}
ONE_VALUE: Final[Mapping[str, Callable[[Decimal], Decimal]]] = {
    "abs": abs,
    "sqrt": _CONTEXT.sqrt,
    "exp": _CONTEXT.exp,
    "ln": _CONTEXT.ln,
    "log10": _CONTEXT.log10,
    "floor": lambda value: value.to_integral_value("ROUND_FLOOR"),
    "ceil": lambda value: value.to_integral_value("ROUND_CEILING"),
    "sin": _by_float(math.sin),
    "cos": _by_float(math.cos),
    "tan": _by_float(math.tan),
}


class Calculator(Tool):
    """Exact where paper and pencil are: 0.1 + 0.2 is 0.3."""

    name = "calculator"
    category = "mathematics"
    description = (
        "Computes an arithmetic expression: + - * / // % ** (or ^), parentheses, abs, sqrt, exp, ln, log10, floor, "
        "ceil, sin, cos, tan, round(x, digits), min, max, pi, e."
    )
    parameters: Mapping[str, Any] = {
        "type": "object",
        "properties": {"expression": {"type": "string", "description": "e.g. (2 + 3) * 4"}},
        "required": ["expression"],
        "additionalProperties": False,
    }
    examples = ({"expression": "(2 + 3) * 4"}, {"expression": "1000 * (1 + 0.05) ** 10"})

    async def run(self, arguments: Mapping[str, Any], caller: Caller) -> Any:
        """`{"result": number}`; one that JSON's numbers would round is given as text."""
        return {"result": as_json(compute(arguments["expression"]))}


def compute(expression: str) -> Decimal:
    """The expression's value; raises ToolFailed, which names the place."""
    if len(expression) > LONGEST:
        raise ToolFailed(f"An expression has up to {number(LONGEST)} characters.")
    reader = _Reader(expression)
    try:
        value = reader.sum(0)
        reader.end()
        # What steps have lost lies beyond the digits that are told.
        return _TOLD.plus(value)
    except DivisionByZero:
        raise ToolFailed("It divides by zero.") from None
    except Overflow:
        raise ToolFailed("The result is too large.") from None
    except (DecimalException, ValueError, OverflowError):
        raise ToolFailed("This has no real value.") from None


def as_json(value: Decimal) -> int | float | str:
    """The number as JSON has it without losing a digit; else its digits as text."""
    if value == value.to_integral_value() and abs(value) < 2**53:
        return int(value)
    shown = float(value)
    return shown if math.isfinite(shown) and Decimal(repr(shown)) == value else f"{value.normalize(_TOLD)}"


class _Reader:
    """Reads an expression from left to right, and computes as it goes."""

    def __init__(self, expression: str) -> None:
        self._text = expression.rstrip()
        self._at = 0
        self._next = self._read()

    def sum(self, depth: int) -> Decimal:
        value = self._product(depth)
        while self._next in ("+", "-"):
            sign, other = self._take(), self._product(depth)
            value = _CONTEXT.add(value, other) if sign == "+" else _CONTEXT.subtract(value, other)
        return value

    def _product(self, depth: int) -> Decimal:
        value = self._sign(depth)
        while self._next in ("*", "/", "//", "%"):
            value = _multiplied(value, self._take(), self._sign(depth))
        return value

    def _sign(self, depth: int) -> Decimal:
        if self._next in ("+", "-"):
            sign, value = self._take(), self._sign(self._deeper(depth))
            return value if sign == "+" else _CONTEXT.minus(value)
        return self._power(depth)

    def _power(self, depth: int) -> Decimal:
        base = self._atom(depth)
        if self._next in ("**", "^"):
            self._take()
            return _CONTEXT.power(base, self._sign(self._deeper(depth)))
        return base

    def _atom(self, depth: int) -> Decimal:
        word = self._take()
        if word == "(":
            value = self.sum(self._deeper(depth))
            self._expect(")")
            return value
        if word[:1].isdigit() or word[:1] == ".":
            return _CONTEXT.create_decimal(word)
        if word in CONSTANTS:
            return CONSTANTS[word]
        if not word.isidentifier():
            raise self._fault("A number or a parenthesis is expected", before=word)
        return self._function(word, self._deeper(depth))

    def _function(self, name: str, depth: int) -> Decimal:
        if name not in ONE_VALUE and name not in ("round", "min", "max"):
            raise ToolFailed(f"There is no function or constant {name!r}.")
        self._expect("(")
        values = [self.sum(depth)]
        while self._next == ",":
            self._take()
            values.append(self.sum(depth))
        self._expect(")")
        if name in ("min", "max"):
            return min(values) if name == "min" else max(values)
        if name == "round" and len(values) <= 2:
            return _rounded(*values)
        if len(values) != 1:
            raise ToolFailed(f"{name} takes {'one or two values' if name == 'round' else 'one value'}.")
        return ONE_VALUE[name](values[0])

    def end(self) -> None:
        if self._next:
            raise self._fault("The expression goes on where it should end", before=self._next)

    def _deeper(self, depth: int) -> int:
        if depth >= DEEPEST:
            raise ToolFailed(f"It is nested deeper than {DEEPEST} levels.")
        return depth + 1

    def _expect(self, word: str) -> None:
        if self._next != word:
            raise self._fault(f"{word!r} is expected", before=self._next)
        self._take()

    def _take(self) -> str:
        word, self._next = self._next, self._read()
        return word

    def _read(self) -> str:
        if self._at >= len(self._text):
            return ""
        found = _WORD.match(self._text, self._at)
        if found is None:
            raise ToolFailed(f"Character {self._at + 1} cannot be read: {self._text[self._at : self._at + 20]!r}.")
        self._at = found.end()
        return next(group for group in found.groups() if group)

    def _fault(self, words: str, *, before: str) -> ToolFailed:
        return ToolFailed(f"{words} at character {self._at - len(before) + 1}.")


def _multiplied(value: Decimal, sign: str, other: Decimal) -> Decimal:
    match sign:
        case "*":
            return _CONTEXT.multiply(value, other)
        case "/":
            return _CONTEXT.divide(value, other)
    # As Python's: the quotient is rounded down, and the rest has the divisor's sign.
    quotient = _CONTEXT.divide(value, other).to_integral_value("ROUND_FLOOR")
    return quotient if sign == "//" else _CONTEXT.subtract(value, _CONTEXT.multiply(quotient, other))


def _rounded(value: Decimal, digits: Decimal = Decimal(0)) -> Decimal:
    if digits != digits.to_integral_value() or abs(digits) > _SHOWN:
        raise ToolFailed(f"round takes up to {_SHOWN} whole digits.")
    return value.quantize(Decimal(1).scaleb(-int(digits)), context=_CONTEXT)
