"""The Claude Console's cost export: money a day, model and kind of token."""

from __future__ import annotations

from analytics.bills.cells import Cells, places_of
from analytics.bills.formats.format import Format, words
from analytics.bills.formats.openai_costs import kind_of
from analytics.bills.lines import BillLine, Kind


def _read(cells: Cells) -> BillLine:
    kind_said, amount = cells.text("token_type"), cells.amount("cost_usd")
    kind = Kind.INPUT if kind_said == "input_no_cache" else kind_of(kind_said)
    return BillLine(cells.day("usage_date_utc"), cells.text("model"), {}, amount, {kind: amount}, places_of(amount))


FORMAT = Format(
    "anthropic_costs",
    "Anthropic costs",
    words("usage_date_utc model token_type cost_usd"),
    words("workspace usage_type context_window list_price_usd cost_type inference_geo speed"),
    _read,
    prefixes=("api_key", "workspace_"),
)
