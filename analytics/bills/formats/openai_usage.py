"""OpenAI's usage export (`completions_usage_*.csv`): tokens a bucket and model, no money."""

from __future__ import annotations

from analytics.bills.cells import Cells
from analytics.bills.formats.format import Format, words
from analytics.bills.lines import BillLine, Kind


def _read(cells: Cells) -> BillLine | None:
    model, requests = cells.text("model"), cells.count("num_model_requests")
    tokens, cached = cells.count("input_tokens"), cells.count("input_cached_tokens")
    output = cells.count("output_tokens")
    if not model and not (requests or tokens or output):
        return None  # a bucket without use
    quantities = {
        Kind.INPUT: max(tokens - cached, 0),
        Kind.CACHE_READ: cached,
        Kind.OUTPUT: output,
        Kind.REQUESTS: requests,
    }
    return BillLine(cells.day("start_time_iso" if cells.has("start_time_iso") else "start_time"), model, quantities)


FORMAT = Format(
    "openai_usage",
    "OpenAI usage",
    words("start_time model input_tokens output_tokens num_model_requests"),
    words(
        "end_time start_time_iso end_time_iso batch service_tier input_cached_tokens input_uncached_tokens "
        "input_audio_tokens output_audio_tokens input_text_tokens output_text_tokens input_image_tokens "
        "output_image_tokens input_cached_text_tokens input_cached_audio_tokens input_cached_image_tokens api_source"
    ),
    _read,
    prefixes=("project_", "user_", "api_key_", "organization_"),
)
