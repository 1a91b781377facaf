"""Bills: what vendors' own price pages come to for a call, and lines that add up whatever is counted."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.base import Usage
from providers.catalogue import facts
from providers.catalogue.bill import SMALLEST_COST, dearest, lines_of, total_of
from providers.catalogue.info import ModelInfo, describe
from providers.catalogue.prices import _listed
from providers.catalogue.rates import Place, Prices, Rates

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
ANTHROPIC = "https://docs.claude.com/en/docs/about-claude/pricing"
OPENAI = "https://platform.openai.com/docs/pricing"
GEMINI = "https://ai.google.dev/gemini-api/docs/pricing"
GEMINI_FORUM = "https://discuss.ai.google.dev/t/question-about-gemini-api-caching-pricing/107349"
DEEPSEEK = "https://api-docs.deepseek.com/quick_start/pricing"
XAI = "https://docs.x.ai/docs/models"
BEDROCK = "https://aws.amazon.com/bedrock/pricing/"
QWEN = "https://www.alibabacloud.com/help/en/model-studio/models"


def row(**prices: Any) -> dict[str, Any]:
    """Prices a million tokens as a vendor's page has them, for what the table does not list."""
    return {"dated_prices": [{"from": "2020-01-01", **prices}]}


SONNET_4 = row(
    input_per_million=3, output_per_million=15, cache_read_per_million=0.3, cache_write_per_million=3.75,
    cache_write_1h_per_million=6,
    price_tiers=[
        {"above_tokens": 200_000, "input_per_million": 6, "output_per_million": 22.5, "cache_read_per_million": 0.6,
         "cache_write_per_million": 7.5},
        {"service_tier": "batch", "input_per_million": 1.5, "output_per_million": 7.5},
    ],
)  # fmt: skip
OPUS_4_1 = row(
    input_per_million=15, output_per_million=75, cache_read_per_million=1.5, cache_write_per_million=18.75,
    cache_write_1h_per_million=30,
)  # fmt: skip
HAIKU_3 = row(input_per_million=0.25, output_per_million=1.25, cache_read_per_million=0.03, cache_write_per_million=0.3)
GROK_4 = row(
    input_per_million=3, output_per_million=15, cache_read_per_million=0.75,
    price_tiers=[{"above_tokens": 128_000, "input_per_million": 6, "output_per_million": 30}],
)  # fmt: skip
GROK_3_MINI = row(input_per_million=0.3, output_per_million=0.5, cache_read_per_million=0.075)
GEMINI_1_5 = row(
    input_per_million=1.25, output_per_million=5, cache_read_per_million=0.3125,
    price_tiers=[{"above_tokens": 128_000, "input_per_million": 2.5, "output_per_million": 10,
                  "cache_read_per_million": 0.625}],
)  # fmt: skip
V3 = row(input_per_million=0.27, output_per_million=1.10, cache_read_per_million=0.07)
R1 = row(input_per_million=0.55, output_per_million=2.19, cache_read_per_million=0.14)
K = 1_000
M = 1_000_000

EXAMPLES: list[tuple[str, str, dict[str, Any] | None, Usage, str]] = [
    # Anthropic: a write is 1.25 (5 minutes) or 2 times (an hour) the input, a read a tenth, a batch half.
    (ANTHROPIC, "anthropic/claude-sonnet-4-5", None, Usage(10 * K, 100, 9 * K, 900), "0.007875"),
    (ANTHROPIC, "anthropic/claude-sonnet-4-5", None, Usage(M, 0), "3"),
    (ANTHROPIC, "anthropic/claude-sonnet-4-5", None, Usage(100 * K, 0, 0, 100 * K), "0.375"),
    (ANTHROPIC, "anthropic/claude-sonnet-4-5", None, Usage(100 * K, 0, 0, 100 * K, 100 * K), "0.6"),
    (ANTHROPIC, "anthropic/claude-sonnet-4-5", None, Usage(100 * K, 0, 100 * K), "0.03"),
    (ANTHROPIC, "anthropic/claude-sonnet-4-5", None, Usage(M, M, service_tier="batch"), "9"),
    (ANTHROPIC, "anthropic/claude-haiku-4-5", None, Usage(50 * K, 2 * K), "0.06"),
    (ANTHROPIC, "anthropic/claude-haiku-4-5", None, Usage(30 * K, 500, 20 * K, 5 * K, 2 * K), "0.01725"),
    (ANTHROPIC, "anthropic/claude-opus-4-5", None, Usage(M, M), "30"),
    (ANTHROPIC, "anthropic/claude-opus-4-5", None, Usage(M, M, service_tier="batch"), "15"),
    (ANTHROPIC, "x/claude-opus-4-1", OPUS_4_1, Usage(188_086, 393, 0, 188_086), "3.5560875"),
    (ANTHROPIC, "x/claude-opus-4-1", OPUS_4_1, Usage(188_086, 393, 188_065), "0.3118875"),
    (ANTHROPIC, "x/claude-3-haiku", HAIKU_3, Usage(M, M), "1.5"),
    # Above 200k tokens of input, cached included, the whole call is priced by the long rates.
    (ANTHROPIC, "x/claude-sonnet-4", SONNET_4, Usage(200 * K, K), "0.615"),
    (ANTHROPIC, "x/claude-sonnet-4", SONNET_4, Usage(200_001, K), "1.222506"),
    (ANTHROPIC, "x/claude-sonnet-4", SONNET_4, Usage(250 * K, K, 240 * K), "0.2265"),
    (ANTHROPIC, "x/claude-sonnet-4", SONNET_4, Usage(300 * K, K, service_tier="batch"), "0.91125"),
    # OpenAI: cached input has its price, flex and batch are half, priority is dearer; writing to the cache is free.
    (OPENAI, "openai/gpt-4o", None, Usage(10 * K, 100, 9 * K), "0.01475"),
    (OPENAI, "openai/gpt-4o", None, Usage(M, M, service_tier="batch"), "6.25"),
    (OPENAI, "openai/gpt-4o", None, Usage(M, M, service_tier="priority"), "21.25"),
    (OPENAI, "openai/gpt-4o-mini", None, Usage(M, M), "0.75"),
    (OPENAI, "openai/gpt-4o-mini", None, Usage(2006, 300, 1920), "0.0003369"),
    (OPENAI, "openai/gpt-4.1", None, Usage(M, M, 750 * K), "8.875"),
    (OPENAI, "openai/gpt-5", None, Usage(M, M, service_tier="flex"), "5.625"),
    (OPENAI, "openai/gpt-5", None, Usage(M, M, 500 * K, service_tier="priority"), "21.375"),
    (OPENAI, "openai/gpt-5", None, Usage(1_000, 322, reasoning_tokens=320), "0.00447"),
    (OPENAI, "openai/o3", None, Usage(M, M, 100 * K, service_tier="flex"), "4.925"),
    (OPENAI, "openai/gpt-5.4", None, Usage(272 * K, K), "0.695"),
    (OPENAI, "openai/gpt-5.4", None, Usage(272_001, K), "1.382505"),
    # Gemini: long prompts, thoughts at the output price, audio apart.
    (GEMINI, "gemini/gemini-2.5-pro", None, Usage(200 * K, K), "0.26"),
    (GEMINI, "gemini/gemini-2.5-pro", None, Usage(200_001, K), "0.5150025"),
    (GEMINI, "gemini/gemini-2.5-pro", None, Usage(300 * K, K, service_tier="batch"), "0.3825"),
    (GEMINI_FORUM, "gemini/gemini-2.5-pro", None, Usage(11_500, 11 * K, 10 * K, reasoning_tokens=10 * K), "0.113125"),
    (GEMINI, "gemini/gemini-2.5-flash", None, Usage(M, M, reasoning_tokens=900 * K), "2.8"),
    (GEMINI, "gemini/gemini-2.5-flash", None, Usage(M, M, reasoning_tokens=M, service_tier="priority"), "5.04"),
    (GEMINI, "gemini/gemini-2.5-flash", None, Usage(20 * K, 0, input_audio_tokens=10 * K), "0.013"),
    (GEMINI, "x/gemini-1.5-pro", GEMINI_1_5, Usage(128 * K, K), "0.165"),
    (GEMINI, "x/gemini-1.5-pro", GEMINI_1_5, Usage(256 * K, K, 128 * K), "0.41"),
    # DeepSeek: hits and misses.
    (DEEPSEEK, "x/deepseek-chat", V3, Usage(M, M, 800 * K), "1.21"),
    (DEEPSEEK, "x/deepseek-reasoner", R1, Usage(M, M, 500 * K, reasoning_tokens=900 * K), "2.535"),
    (DEEPSEEK, "deepseek/deepseek-chat", None, Usage(M, M, 800 * K), "0.4984"),
    # xAI: thoughts are output.
    (XAI, "x/grok-4", GROK_4, Usage(128 * K, 2 * K, 0, reasoning_tokens=1_500), "0.414"),
    (XAI, "x/grok-4", GROK_4, Usage(130 * K, 2 * K), "0.84"),
    (XAI, "x/grok-3-mini", GROK_3_MINI, Usage(12, 322, reasoning_tokens=320), "0.0001646"),
    # Amazon Bedrock, by the model's own name there.
    (BEDROCK, "bedrock/amazon.nova-pro-v1:0", None, Usage(M, M, 500 * K), "3.7"),
    (BEDROCK, "bedrock/amazon.nova-lite-v1:0", None, Usage(M, M), "0.3"),
    (BEDROCK, "bedrock/anthropic.claude-3-5-sonnet-20241022-v2:0", None, Usage(10 * K, K, 8 * K, K), "0.02415"),
    # Alibaba Cloud: thinking has a price of its own; a list of lengths.
    (QWEN, "dashscope/qwen-turbo", None, Usage(M, M, reasoning_tokens=800 * K), "0.49"),
    (QWEN, "dashscope/qwen-flash", None, Usage(300 * K, K), "0.077"),
]


def described(model_id: str, overrides: dict[str, Any] | None) -> ModelInfo:
    """A model with these overrides, which an administrator could have saved."""
    assert facts.faults(overrides or {}, "overrides", only_known=True) == []
    return describe(model_id, price_prefix=model_id.partition("/")[0], overrides=overrides)


def told(model: ModelInfo, usage: Usage) -> tuple[Decimal, list[dict[str, Any]]]:
    """The total and the lines."""
    parts = model.billed(usage, at=NOON).parts
    return total_of(parts), [line.as_json() for line in lines_of(parts)]


@pytest.mark.parametrize(("source", "model_id", "overrides", "usage", "cost"), EXAMPLES)
def test_a_public_price_comes_to_what_its_vendor_bills(
    source: str, model_id: str, overrides: dict[str, Any] | None, usage: Usage, cost: str
):
    total, lines = told(described(model_id, overrides), usage)
    assert total == Decimal(cost), source
    assert sum(Decimal(line["cost"]) for line in lines) == total
    for line in lines:
        exact = line["quantity"] * Decimal(line["unit_price_per_million"]) / M
        assert abs(Decimal(line["cost"]) - exact) < SMALLEST_COST


def test_there_are_forty_examples():
    assert len(EXAMPLES) >= 40
    assert all(source.startswith("https://") for source, *_ in EXAMPLES)


def test_what_has_a_price_of_its_own_has_a_line_of_its_own():
    model = described(
        "x/all",
        {
            "input_per_million": 1, "output_per_million": 2, "cache_read_per_million": 0.1,
            "cache_write_per_million": 1.25, "cache_write_1h_per_million": 2, "reasoning_per_million": 5,
            "audio_input_per_million": 30, "image_input_per_million": 3,
        },
    )  # fmt: skip
    _, lines = told(model, Usage(1000, 100, 200, 300, 100, 60, 50, 40))
    assert [(line["item"], line["quantity"], line.get("note", "")) for line in lines] == [
        ("input", 410, ""), ("input", 50, "images"), ("input", 40, "audio"), ("cache_read", 200, ""),
        ("cache_write", 200, ""), ("cache_write", 100, "1 hour"), ("output", 40, ""), ("reasoning", 60, ""),
    ]  # fmt: skip


def test_without_a_cache_price_cached_tokens_cost_what_input_does_and_the_line_says_so():
    total, lines = told(described("x/m", {"input_per_million": 2, "output_per_million": 4}), Usage(100, 10, 60, 30))
    assert total == Decimal("0.00024")
    assert [(line["item"], line.get("note")) for line in lines] == [
        ("input", None), ("cache_read", "at the input price"), ("cache_write", "at the input price"), ("output", None),
    ]  # fmt: skip


def test_an_administrators_price_holds_in_every_tier_but_where_one_is_set_apart():
    own = {
        "input_per_million": 2,
        "price_tiers": [
            {"service_tier": "Flex", "input_per_million": 0.5},
            {"above_tokens": 10, "output_per_million": 3},
        ],
    }
    model = described("openai/gpt-5", own)
    assert model.prices.of(prompt_tokens=5, tier="priority").rates.input == Decimal("0.000002")
    assert model.prices.of(prompt_tokens=5, tier="flex").rates.input == Decimal("0.0000005")
    assert model.prices.of(prompt_tokens=11).rates.output == Decimal("0.000003")


def test_a_price_that_begins_on_a_day_holds_from_that_day_on():
    overrides = {
        "input_per_million": 1,
        "output_per_million": 1,
        "dated_prices": [
            {"from": "2026-12-01", "input_per_million": 3},
            {"from": "2026-11-01", "input_per_million": 2},
        ],
    }
    model = described("x/m", overrides)
    costs = [
        total_of(model.billed(Usage(M, 0), at=datetime(2026, month, day, tzinfo=UTC)).parts)
        for month, day in ((10, 31), (11, 1), (11, 30), (12, 1))
    ]
    assert costs == [1, 2, 2, 3]


def test_the_tables_hours_off_peak_have_their_price():
    entry = {
        "input_cost_per_token": 3e-07, "output_cost_per_token": 1.2e-06, "cache_read_input_token_cost": 6e-09,
        "deprecation_date": "2027-01-31",
        "off_peak_pricing": {
            "input_cost_per_token": 1.5e-07, "output_cost_per_token": 6e-07,
            "windows": [{"hours_utc": ["10:00-00:00"], "weekdays": [1, 2, 3]}, {"hours_utc": "x"}],
        },
    }  # fmt: skip
    listed = _listed(entry)
    assert str(listed.deprecation_date) == "2027-01-31"
    thursday, before = NOON.replace(day=26), NOON.replace(hour=9, minute=59)
    costs = [listed.prices.of(prompt_tokens=1, at=at).rates.input for at in (NOON, thursday, before)]
    assert costs == [Decimal("1.5e-7"), Decimal("3e-7"), Decimal("3e-7")]


WRONG_PRICES: list[dict[str, Any]] = [
    {"cache_read_per_million": "0.3"},
    {"reasoning_per_million": -1},
    {"price_tiers": {"above_tokens": 1}},
    {"price_tiers": [{"input_per_million": 1}]},
    {"price_tiers": [{"above_tokens": 200_000}]},
    {"price_tiers": [{"above_tokens": 0, "input_per_million": 1}]},
    {"price_tiers": [{"above_tokens": 1, "input_per_million": True}]},
    {"price_tiers": [{"service_tier": "", "input_per_million": 1}]},
    {"price_tiers": [{"service_tier": "flex", "inputs": 1, "input_per_million": 1}]},
    {"dated_prices": [{"input_per_million": 1}]},
    {"dated_prices": [{"from": "1.12.2026", "input_per_million": 1}]},
    {"dated_prices": [{"from": "20261201", "input_per_million": 1}]},
    {"dated_prices": [{"from": "2026-12-01", "price_tiers": [{"above_tokens": 5}]}]},
    {"dated_prices": [[["deep"]]]},
    {"deprecation_date": "soon"},
]


@pytest.mark.parametrize("overrides", WRONG_PRICES)
def test_a_price_that_does_not_hold_is_named(overrides: dict[str, Any]):
    (fault,) = facts.faults(overrides, "overrides", only_known=True)
    assert fault.startswith(f"overrides.{next(iter(overrides))}: ")


counts = st.none() | st.integers(0, 10**7)
usages = st.builds(
    Usage,
    prompt_tokens=counts, completion_tokens=counts, cache_read_tokens=counts, cache_write_tokens=counts,
    cache_write_1h_tokens=counts, reasoning_tokens=counts, input_image_tokens=counts, input_audio_tokens=st.none(),
    service_tier=st.sampled_from([None, "default", "flex", "odd"]),
)  # fmt: skip
a_rate = st.none() | st.decimals(0, 1, places=11)
rates = st.builds(Rates, *[a_rate] * 7, st.none())
priced = st.builds(Rates, st.decimals(0, 1, places=11), st.decimals(0, 1, places=11), *[a_rate] * 5, st.none())


@given(standard=priced, long=rates, flex=rates, usage=usages)
def test_lines_add_up_to_the_bill_as_json_has_them_and_no_bill_exceeds_what_is_set_aside(
    standard: Rates, long: Rates, flex: Rates, usage: Usage
):
    prices = Prices(standard, {Place("", 128_000): long, Place("flex", 0): flex})
    model = ModelInfo("a/b", "b", "a", prices=prices)
    total, lines = told(model, usage)
    written = orjson.loads(orjson.dumps([float(line["cost"]) for line in lines]))
    as_read = sum((Decimal(str(cost)) for cost in written), Decimal(0))
    assert as_read == Decimal(str(float(total))) == total
    tokens_in, tokens_out = usage.prompt_tokens or 0, usage.completion_tokens or 0
    counted = {name: sum(line["quantity"] for line in lines if line["item"] in name) for name in ITEMS}
    assert counted == {ITEMS[0]: tokens_in, ITEMS[1]: tokens_out}
    if usage.service_tier != "flex":
        assert total <= dearest(prices, prompt_tokens=tokens_in, completion_tokens=tokens_out)


ITEMS = (("input", "cache_read", "cache_write"), ("output", "reasoning"))
