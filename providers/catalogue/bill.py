"""A call's bill, line by line: what the provider counted, times what it costs, and not a fraction of a cent lost.

A bill's total is the exact sum of quantity times price, rounded half up to `SMALLEST_COST`. Its lines are rounded down,
and what is then missing goes to those that lost most (largest remainder): they add up to the total, and each is less
than one smallest cost away from quantity times price. A float that JSON brings has these digits, so adding the lines
as they are written, or floats rounded to the 8th place, gives the total.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any, Final, NamedTuple

from providers.base import Usage
from providers.catalogue.rates import MILLION, STANDARD, Place, Prices, Rates, tier_named

SMALLEST_COST: Final = Decimal("0.00000001")
CENT: Final = Decimal("0.01")
LARGE: Final = Decimal(1_000_000)
"""USD from which on a bill is told in cents: a float has 15 digits to be relied on."""
AT_INPUT_PRICE: Final = "at the input price"
NOTHING: Final = Decimal(0)


class Part(NamedTuple):
    """So many tokens of a kind, and what they cost to the last digit, in USD."""

    item: str
    quantity: int
    rate: Decimal
    """USD a token."""
    cost: Decimal
    note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bill: `cost` in USD, `price` in USD per million."""

    item: str
    """input, cache_read, cache_write, output, reasoning or attempt."""
    quantity: int
    price: Decimal
    cost: Decimal
    note: str = ""
    """What sets it apart from another line of the same item, or explains its price."""

    def as_json(self) -> dict[str, Any]:
        """As the API shows it, decimals as text."""
        told = {
            "item": self.item,
            "quantity": self.quantity,
            "unit_price_per_million": _plain(self.price),
            "cost": _plain(self.cost),
        }
        return {**told, "note": self.note} if self.note else told


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


class Billed(NamedTuple):
    """What one call used, and the prices that it fell under."""

    parts: list[Part]
    place: Place


def billed(prices: Prices, usage: Usage, *, at: datetime | None = None) -> Billed:
    """What a call costs by `prices`; nothing where they are unknown. Counts that exceed the whole are cut to it."""
    prompt, completion = usage.prompt_tokens or 0, usage.completion_tokens or 0
    tier = tier_named(usage.service_tier) if usage.service_tier else STANDARD
    rates, place = prices.of(prompt_tokens=prompt, tier=tier, at=at)
    if rates.input is None or rates.output is None:
        return Billed([], place)
    return Billed([*_input(rates, rates.input, prompt, usage), *_output(rates, rates.output, completion, usage)], place)


def _input(rates: Rates, rate: Decimal, prompt: int, usage: Usage) -> list[Part]:
    parts: list[Part] = []
    read = min(usage.cache_read_tokens or 0, prompt)
    written = min(usage.cache_write_tokens or usage.cache_write_1h_tokens or 0, prompt - read)
    fresh = prompt - read - written
    audio = _apart(rates.audio, rate, usage.input_audio_tokens, fresh)
    image = _apart(rates.image, rate, usage.input_image_tokens, fresh - audio)
    _add(parts, "input", fresh - audio - image, rate)
    _add(parts, "input", image, rates.image, note="images")
    _add(parts, "input", audio, rates.audio, note="audio")
    if read:
        note = AT_INPUT_PRICE if rates.cache_read is None else ""
        _add(parts, "cache_read", read, rate if rates.cache_read is None else rates.cache_read, note=note)
    if written:
        hour = min(usage.cache_write_1h_tokens or 0, written)
        note = AT_INPUT_PRICE if rates.cache_write is None else ""
        short = rate if rates.cache_write is None else rates.cache_write
        _add(parts, "cache_write", written - hour, short, note=note)
        long, note = (short, note) if rates.cache_write_1h is None else (rates.cache_write_1h, "1 hour")
        _add(parts, "cache_write", hour, long, note=note)
    return parts


def _output(rates: Rates, rate: Decimal, completion: int, usage: Usage) -> list[Part]:
    parts: list[Part] = []
    reasoning = _apart(rates.reasoning, rate, usage.reasoning_tokens, completion)
    _add(parts, "output", completion - reasoning, rate)
    _add(parts, "reasoning", reasoning, rates.reasoning)
    return parts


def _apart(own: Decimal | None, rate: Decimal, told: int | None, most: int) -> int:
    """Tokens of a kind that has a price of its own."""
    return min(told or 0, most) if own is not None and own != rate else 0


def _add(parts: list[Part], item: str, quantity: int, rate: Decimal | None, *, note: str = "") -> None:
    if quantity and rate is not None:
        parts.append(Part(item, quantity, rate, rate * quantity, note))


def as_attempt(parts: Sequence[Part], *, note: str) -> Part | None:
    """An earlier attempt as one part, at what its tokens cost on average; None where nothing was used."""
    quantity, cost = sum(each.quantity for each in parts), sum((each.cost for each in parts), NOTHING)
    return Part("attempt", quantity, cost / quantity, cost, note) if quantity else None


def merged(parts: Sequence[Part]) -> list[Part]:
    """Parts of several calls, with what was billed alike together; they cost what they cost apart."""
    alike: dict[tuple[str, Decimal, str], Part] = {}
    for part in parts:
        key = (part.item, part.rate, part.note)
        before = alike.get(key)
        alike[key] = part._replace(
            quantity=part.quantity + (before.quantity if before else 0),
            cost=part.cost + (before.cost if before else NOTHING),
        )
    return list(alike.values())


def lines_of(parts: Sequence[Part]) -> list[Line]:
    """The bill: its lines add up to `total_of` the same parts."""
    total = total_of(parts)
    smallest = Decimal(1).scaleb(int(total.as_tuple().exponent))
    costs = [each.cost.quantize(smallest, rounding=ROUND_FLOOR) for each in parts]
    missing = int((total - sum(costs, NOTHING)) / smallest)
    if missing:
        by_loss = sorted(range(len(parts)), key=lambda place: costs[place] - parts[place].cost)
        for place in by_loss[:missing]:
            costs[place] += smallest
    return [
        Line(each.item, each.quantity, (each.rate * MILLION).quantize(SMALLEST_COST), cost, each.note)
        for each, cost in zip(parts, costs, strict=True)
    ]


def total_of(parts: Sequence[Part]) -> Decimal:
    """USD, to the 8th place."""
    return _rounded(sum((each.cost for each in parts), NOTHING))


def _rounded(exact: Decimal) -> Decimal:
    return exact.quantize(SMALLEST_COST if exact < LARGE else CENT, rounding=ROUND_HALF_UP)


def dearest(prices: Prices, *, prompt_tokens: int, completion_tokens: int) -> Decimal:
    """USD that a call with at most so many tokens may cost, whatever is cached, thought or counted as a picture.

    No price for audio: it cannot be sent.
    """
    if not prices.is_known:
        return NOTHING
    exact = prompt_tokens * dearest_input(prices, prompt_tokens)
    exact += completion_tokens * dearest_output(prices, prompt_tokens)
    return _rounded(exact)


def dearest_input(prices: Prices, prompt_tokens: int) -> Decimal:
    """USD that a token of input may cost."""
    return max(
        rate
        for each in prices.within_reach(prompt_tokens)
        for rate in (each.input, each.cache_read, each.cache_write, each.cache_write_1h, each.image)
        if rate is not None
    )


def dearest_output(prices: Prices, prompt_tokens: int) -> Decimal:
    """USD that a token of output may cost."""
    return max(
        rate
        for each in prices.within_reach(prompt_tokens)
        for rate in (each.output, each.reasoning)
        if rate is not None
    )
