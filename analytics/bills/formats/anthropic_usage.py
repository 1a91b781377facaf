"""The Claude Console's usage export: tokens a day, model and key, no money."""

from __future__ import annotations

from analytics.bills.cells import Cells
from analytics.bills.formats.format import Format, words
from analytics.bills.lines import BillLine, Kind

WRITES = ("usage_input_tokens_cache_write", "usage_input_tokens_cache_write_5m", "usage_input_tokens_cache_write_1h")


def _read(cells: Cells) -> BillLine:
    return BillLine(
        cells.day("usage_date_utc"),
        cells.text("model_version"),
        {
            Kind.INPUT: cells.count("usage_input_tokens_no_cache"),
            Kind.CACHE_WRITE: sum(map(cells.count, WRITES)),
            Kind.CACHE_READ: cells.count("usage_input_tokens_cache_read"),
            Kind.OUTPUT: cells.count("usage_output_tokens"),
        },
    )


FORMAT = Format(
    "anthropic_usage",
    "Anthropic usage",
    words("usage_date_utc model_version usage_input_tokens_no_cache usage_output_tokens"),
    words(
        "workspace usage_type context_window usage_input_tokens_cache_read web_search_count inference_geo speed "
        + " ".join(WRITES)
    ),
    _read,
    prefixes=("api_key", "workspace_"),
)
