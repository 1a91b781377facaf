"""A table that anybody can write: date, model, input_tokens, output_tokens, cost."""

from __future__ import annotations

from analytics.bills.cells import Cells, places_of
from analytics.bills.formats.format import Format, words
from analytics.bills.lines import BillLine, Kind

MORE = {
    "cached_input_tokens": Kind.CACHE_READ,
    "cache_write_tokens": Kind.CACHE_WRITE,
    "reasoning_tokens": Kind.REASONING,
    "requests": Kind.REQUESTS,
}


def _read(cells: Cells) -> BillLine:
    cells.check_currency("currency")
    quantities = {kind: cells.count(name) for name, kind in MORE.items() if cells.has(name)}
    apart = quantities.get(Kind.CACHE_READ, 0) + quantities.get(Kind.CACHE_WRITE, 0)
    quantities[Kind.INPUT] = max(cells.count("input_tokens") - apart, 0)
    quantities[Kind.OUTPUT] = cells.count("output_tokens")
    cost = cells.amount("cost") if cells.has("cost") else None
    places = places_of(cost) if cost is not None else 0
    return BillLine(cells.day("date"), cells.text("model"), quantities, cost, places=places)


FORMAT = Format(
    "plain",
    "Plain table (date, model, input_tokens, output_tokens, cost)",
    words("date model input_tokens output_tokens cost"),
    frozenset(MORE) | {"currency"},
    _read,
)
