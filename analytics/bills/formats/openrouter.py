"""OpenRouter's activity export: one line a generation, with tokens and cost; reasoning is a part of the completion."""

from __future__ import annotations

from analytics.bills.cells import Cells, places_of
from analytics.bills.formats.format import Format, words
from analytics.bills.lines import BillLine, Kind


def _read(cells: Cells) -> BillLine:
    prompt, cached, cost = cells.count("tokens_prompt"), cells.count("tokens_cached"), cells.amount("cost_total")
    quantities = {
        Kind.INPUT: max(prompt - cached, 0),
        Kind.CACHE_READ: cached,
        Kind.OUTPUT: cells.count("tokens_completion"),
        Kind.REASONING: cells.count("tokens_reasoning"),
        Kind.REQUESTS: 1,
    }
    return BillLine(cells.day("created_at"), cells.text("model_permaslug"), quantities, cost, places=places_of(cost))


FORMAT = Format(
    "openrouter",
    "OpenRouter activity",
    words("created_at cost_total tokens_prompt tokens_completion model_permaslug"),
    words(
        "generation_id cost_web_search cost_cache cost_file_processing byok_usage_inference tokens_reasoning "
        "tokens_cached provider_name variant cancelled streamed user finish_reason_raw finish_reason_normalized "
        "generation_time_ms time_to_first_token_ms app_name num_media_prompt num_media_completion"
    ),
    _read,
    prefixes=("api_key", "workspace"),
)
