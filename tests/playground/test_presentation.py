"""Money, times and states in a person's words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from foundation.words import money, number, p_value, seconds
from playground.models import PromptExecution, Status
from playground.pages.presentation.execution import ExecutionView
from playground.pages.presentation.forecast import ForecastView
from playground.pages.presentation.history import HistoryFilter
from playground.pages.presentation.model import ModelView, grouped
from playground.pages.presentation.parameters import LABELS, parameter_rows
from playground.pages.presentation.words import rate
from playground.usage.forecast import Cost, Forecast, together
from providers.errors import SENTENCE, Code

THIN = "\N{NARROW NO-BREAK SPACE}"


def model(
    model_id: str = "openai/gpt-4o", *, prices: tuple[float, float] | None = (2.5, 10.0), **more: Any
) -> ModelView:
    pricing = prices and {"input_per_million": prices[0], "output_per_million": prices[1], "currency": "USD"}
    return ModelView({"id": model_id, "pricing": pricing, **more})


def local() -> ModelView:
    return model("local/small", prices=(0.0, 0.0), is_self_hosted=True, note="Small and often wrong.")


def run(**fields: Any) -> ExecutionView:
    return ExecutionView(PromptExecution(**{"model_id": "openai/gpt-4o", "request": {"prompt": "hello"}, **fields}))


def facts(**fields: Any) -> dict[str, str]:
    return {fact.name: fact.value for fact in run(**fields).facts}


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        (0, "no cost"),
        (Decimal("0.00000001"), "< $0.0001"),
        (Decimal("0.00009999"), "< $0.0001"),
        (Decimal("0.0001"), "$0.0001"),
        (0.0041, "$0.0041"),
        (Decimal("0.5"), "$0.5000"),
        (1, "$1.00"),
        (Decimal("1234.567"), "$1\u202f234.57"),
    ],
)
def test_money(amount: Decimal | float, told: str) -> None:
    assert money(amount) == told


@given(st.decimals(min_value="0.00000001", max_value="1e9", places=8))
def test_what_costs_something_is_never_told_as_nothing(amount: Decimal) -> None:
    assert any(digit in money(amount) for digit in "123456789")


@pytest.mark.parametrize(
    ("taken", "told"),
    [
        (0, f"0{THIN}ms"),
        (Decimal("0.0214"), f"21{THIN}ms"),
        (0.999, f"999{THIN}ms"),
        (1, f"1.00{THIN}s"),
        (Decimal("59.994"), f"59.99{THIN}s"),
        (60, f"1{THIN}min 0{THIN}s"),
        (3725, f"62{THIN}min 5{THIN}s"),
    ],
)
def test_durations(taken: Decimal | float, told: str) -> None:
    assert seconds(taken) == told


def test_counts_and_rates() -> None:
    assert number(1234567) == f"1{THIN}234{THIN}567"
    assert [rate(price) for price in (2.5, 10, 0.075, Decimal("0.1000"))] == ["$2.50", "$10.00", "$0.075", "$0.10"]


@pytest.mark.parametrize(
    ("shown", "price"),
    [
        (model(), "$2.50 in, $10.00 out per 1M tokens"),
        (model(prices=None), "price unknown"),
        (model(prices=(0.0, 0.0)), "no cost"),
        (local(), "no cost: runs here"),
        (model("ollama/big", prices=(0.0, 3.0), is_self_hosted=True), "$0.00 in, $3.00 out per 1M tokens"),
    ],
)
def test_a_models_price(shown: ModelView, price: str) -> None:
    assert shown.price == price


def test_a_models_note_is_the_catalogues() -> None:
    assert local().note == "Small and often wrong."
    assert model("local/small").note == ""


def test_models_that_can_be_used_come_first() -> None:
    away = model("a/away", provider_name="A", available=False, unavailable_reason="No key.")
    groups = grouped([away, model("b/off", provider_name="B", available=False), model("b/on", provider_name="B")])
    assert [(group.provider, [one.id for one in group.models]) for group in groups] == [
        ("B", ["b/on", "b/off"]),
        ("A", ["a/away"]),
    ]


def costs(low: str, high: str) -> Cost:
    return Cost(Decimal(low), Decimal(high))


@pytest.mark.parametrize(
    ("shown", "found", "tokens", "cost"),
    [
        (model(), None, "", ""),
        (model(), Forecast(1, True, costs("0.00001", "0.00002")), "1 token in, counted", "< $0.0001"),
        (
            model(),
            Forecast(99, False, costs("0.0012", "0.0040")),
            "about 99 tokens in, estimated",
            "≈ $0.0012 to $0.0040",
        ),
        (model(), Forecast(99, True, costs("0.00001", "0.0040")), "99 tokens in, counted", "< $0.0001 to $0.0040"),
        (model(), Forecast(7812, True, costs("0.01", "0.01")), f"7{THIN}812 tokens in, counted", "≈ $0.0100"),
        (model(), Forecast(100, True, costs("2.5", "1200.5")), "100 tokens in, counted", "≈ $2.50 to $1\u202f200.50"),
        (model(prices=None), Forecast(100, True, None), "100 tokens in, counted", "price unknown"),
        (model(prices=(0.0, 0.0)), Forecast(100, True, costs("0", "0")), "100 tokens in, counted", "no cost"),
        (local(), Forecast(100, False, costs("0", "0")), "about 100 tokens in, estimated", "no cost: runs here"),
        (None, Forecast(100, False, None), "about 100 tokens in, estimated", ""),
    ],
)
def test_the_cost_before_the_run(shown: ModelView | None, found: Forecast | None, tokens: str, cost: str) -> None:
    told = ForecastView(found, shown)
    assert (told.tokens, told.cost, told.repeated) == (tokens, cost, "")
    assert bool(told.reason) is (found is not None)


def test_several_runs_are_told_together_and_a_repetition_beside() -> None:
    one = Forecast(10, True, costs("0.001", "0.002"))
    rows = ForecastView(together([one, replace(one, is_counted=False)]), model(), runs=2, times=5)
    assert (rows.tokens, rows.cost) == ("2 runs together: about 20 tokens in, estimated", "≈ $0.0020 to $0.0040")
    assert rows.repeated == ""
    assert ForecastView(one, model(), times=5).repeated == "5 times: ≈ $0.0050 to $0.0100"
    assert ForecastView(one, model(), times=1).repeated == ""
    assert ForecastView(one, local(), times=5).repeated == ""


def test_several_models_are_told_together() -> None:
    known, unknown = Forecast(10, True, costs("0.001", "0.002")), Forecast(20, False, None)
    both = ForecastView(together([known, known]), model(), local(), runs=2)
    assert str(both) == "2 runs together: 20 tokens in, counted, ≈ $0.0020 to $0.0040"
    one_unknown = ForecastView(together([known, unknown]), model(), model(prices=None), runs=2)
    assert str(one_unknown) == "2 runs together: about 30 tokens in, estimated, price unknown"
    assert ForecastView(known, local(), local(), runs=2).cost == "no cost"
    assert str(ForecastView(None, model())) == ""


@pytest.mark.parametrize(
    ("cost", "price_known", "told"),
    [
        ("0.00410000", True, "$0.0041"),
        ("0.00000100", True, "< $0.0001"),
        ("0", True, "no cost"),
        ("0", False, "price unknown"),
        ("0", None, "price unknown"),
        ("0.0041", None, "$0.0041"),
    ],
)
def test_a_runs_cost(cost: str, price_known: bool | None, told: str) -> None:
    assert run(estimated_cost=Decimal(cost), metadata={"price_known": price_known}).cost == told


def test_the_line_under_an_answer() -> None:
    told = facts(
        status=Status.COMPLETED,
        execution_time=Decimal("2.500"),
        prompt_tokens=1200,
        completion_tokens=101,
        estimated_cost=Decimal("0.00401"),
        metadata={"time_to_first_token": 0.5, "finish_reason": "stop", "price_known": True},
    )
    assert told == {
        "First token": f"500{THIN}ms",
        "Duration": f"2.50{THIN}s",
        "Tokens in / out": f"1{THIN}200 / 101",
        "Speed": "50 tokens/s",
        "Cost": "$0.0040",
        "Finish": "stop",
    }


@pytest.mark.parametrize(
    ("tokens", "taken", "first"), [(1, "2.5", 0.5), (100, None, 0.5), (100, "2.5", None), (100, "0.505", 0.5)]
)
def test_a_speed_that_cannot_be_told_is_left_out(tokens: int, taken: str | None, first: float | None) -> None:
    told = facts(
        completion_tokens=tokens,
        execution_time=taken and Decimal(taken),
        metadata={"time_to_first_token": first},
    )
    assert "Speed" not in told


@pytest.mark.parametrize("status", Status)
def test_only_an_ended_run_is_rendered(status: Status) -> None:
    shown = run(status=status, answer={"response": "**words**"})
    assert shown.is_live is (status in (Status.PENDING, Status.RUNNING))
    assert (shown.rendered is None) is shown.is_live


@pytest.mark.parametrize("code", Code)
def test_every_failure_has_its_sentence(code: Code) -> None:
    assert run(status=Status.FAILED, error_code=code.value).sentence == SENTENCE[code]


def test_a_failure_without_a_known_code_has_a_sentence_too() -> None:
    assert run(status=Status.FAILED, error_code="of_a_later_version").sentence


@pytest.mark.parametrize("code", Code)
def test_another_model_is_offered_where_it_may_help(code: Code) -> None:
    shown = run(status=Status.FAILED, error_code=code.value)
    not_the_model = {Code.INTERRUPTED, Code.STORAGE_UNAVAILABLE, Code.ARTIFACT_UNAVAILABLE}
    assert shown.can_another_model_help is (code not in not_the_model)
    assert not run(status=Status.CANCELLED, error_code=code.value).can_another_model_help


def test_fallbacks_are_left_only_where_the_answer_had_begun() -> None:
    named = {"fallback_models": ["a/one", "a/two"]}
    assert run(parameters=named, answer={"response": "words"}).fallbacks_left == ["a/one", "a/two"]
    assert run(parameters=named, answer={"response": ""}).fallbacks_left == ()
    assert run(answer={"response": "words"}).fallbacks_left == ()


def test_a_tool_calls_arguments_are_readable() -> None:
    calls = [
        {"tool_name": "weather", "arguments": {"city": "Graz"}, "status": "requested"},
        {"tool_name": "weather", "arguments": "{not json", "status": "requested"},
        {},
    ]
    shown = run(answer={"tool_executions": calls}).tool_calls
    assert [(call.name, call.arguments) for call in shown] == [
        ("weather", '{\n  "city": "Graz"\n}'),
        ("weather", "{not json"),
        ("unnamed", "null"),
    ]


def test_what_the_provider_ran_is_readable() -> None:
    uses = [{"tool_name": "web_search", "arguments": {"q": "x"}, "result": ["a"]}, {"tool_name": "t", "arguments": "{"}]
    shown = run(answer={"provider_tools": uses}).provider_tools
    assert [(use.name, use.arguments, use.result) for use in shown] == [
        ("web_search", '{\n  "q": "x"\n}', '[\n  "a"\n]'),
        ("t", "{", ""),
    ]


@pytest.mark.parametrize(("ago", "told"), [(5, "just now"), (61, "1\N{NO-BREAK SPACE}minute ago")])
def test_ages(ago: int, told: str) -> None:
    assert run(created_at=timezone.now() - timedelta(seconds=ago)).age == told


def test_dropped_parameters_bear_the_pages_names() -> None:
    assert run(metadata={"dropped_parameters": ["top_p", "tool_choice"]}).dropped_parameters == "Top p, tool_choice"


def test_a_parameters_bounds_are_the_models() -> None:
    rules = {"max_tokens": {"min": 1, "max": None, "default": 2048}, "seed": {"supported": False}}
    rows = {row.name: row for row in parameter_rows(model(max_output_tokens=4096, parameters=rules), {"seed": "7"})}
    assert list(rows) == list(LABELS)
    assert (rows["max_tokens"].maximum, rows["max_tokens"].has_slider, rows["max_tokens"].slider_value) == (
        4096,
        True,
        2048,
    )
    assert (rows["seed"].is_supported, rows["seed"].is_set, rows["top_p"].is_supported) == (False, True, False)


def test_a_filter_lives_in_the_address() -> None:
    wanted = HistoryFilter.of({"status": "failed", "model": "a/b&c=\0d"})
    assert wanted == HistoryFilter("failed", "a/b&c=d")
    assert wanted.query == "&status=failed&model=a%2Fb%26c%3Dd"
    assert wanted.is_set
    assert HistoryFilter.of({}).query == ""
    assert not HistoryFilter.of({"before": "x"}).is_set


def test_a_p_value_never_reads_as_nothing():
    assert [p_value(each) for each in (1, 0.0312, 0.001, 0.0004, 0.0)] == [
        "p = 1.000", "p = 0.031", "p = 0.001", "p < 0.001", "p < 0.001"
    ]  # fmt: skip
