"""OpenAI's costs export, grouped by line item: money a day and line item, such as “gpt-4o-2024-08-06, input”."""

from __future__ import annotations

from analytics.bills.cells import Cells, places_of, refused
from analytics.bills.formats.format import Format, words
from analytics.bills.lines import BillLine, Kind


def kind_of(words_of_it: str) -> Kind:
    """What a line item's words behind the model's name speak of."""
    said = words_of_it.lower()
    if "cache" in said:
        return Kind.CACHE_WRITE if "write" in said or "creation" in said else Kind.CACHE_READ
    return Kind.OUTPUT if "output" in said else Kind.INPUT if "input" in said else Kind.OTHER


def _read(cells: Cells) -> BillLine | None:
    if not cells.has("amount_value"):
        return None  # a day without cost
    amount = cells.amount("amount_value")
    cells.check_currency("amount_currency")
    item = cells.text("line_item")
    if not item:
        raise refused(cells.line, "line_item", "it says of no model; export the costs grouped by line item.")
    model, _, said = item.partition(",")
    kind = kind_of(said)
    quantities: dict[Kind, int] = {}
    if cells.has("quantity") and kind != Kind.OTHER and cells.text("quantity_unit") in ("", "tokens"):
        quantities[kind] = cells.count("quantity")
    day = cells.day("start_time_iso" if cells.has("start_time_iso") else "start_time")
    return BillLine(day, model.strip(), quantities, amount, {kind: amount}, places_of(amount))


FORMAT = Format(
    "openai_costs",
    "OpenAI costs",
    words("start_time amount_value amount_currency line_item"),
    words("end_time start_time_iso end_time_iso quantity quantity_unit api_source"),
    _read,
    prefixes=("project_", "user_", "api_key_", "organization_"),
)
