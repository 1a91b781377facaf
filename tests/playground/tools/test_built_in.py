"""The tools that come with the service, by themselves."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from playground.tools.builtin.calculator import as_json, compute
from playground.tools.builtin.clock import told
from playground.tools.builtin.json_query import asked
from playground.tools.builtin.metrics import value_of
from playground.tools.tool import ToolFailed


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("(2 + 3) * 4", 20),
        ("0.1 + 0.2", 0.3),
        ("-2 ** 2", -4),
        ("2 ** -1", 0.5),
        ("2 ^ 3 ^ 2", 512),
        ("7 // 2 + -7 // 2", -1),
        ("-7 % 3", 2),
        ("7 % -3", -2),
        ("1e3 + .5", 1000.5),
        ("round(2.567, 2) + max(1, 2, 3) - min(4, 5)", 1.57),
        ("sqrt(16) + abs(-3) + floor(-1.5) + ceil(1.2)", 7),
        ("ln(e)", 1),
        ("round(sin(pi / 2), 10)", 1),
        ("2 ** 60", "1152921504606846976"),
        ("1 / 3", "0.3333333333333333333333333333333333"),
    ],
)
def test_the_calculator_computes(expression: str, value: Any) -> None:
    assert as_json(compute(expression)) == value


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("1 / 0", "divides by zero"),
        ("0 / 0", "no real value"),
        ("sqrt(-1)", "no real value"),
        ("10 ** 10000", "too large"),
        ("9**9**9", "too large"),
        ("9**9**9**9**9**9", "too large"),
        ("(" * 10_000 + "1" + ")" * 10_000, "up to 1\u202f000 characters"),
        ("(" * 400 + "1" + ")" * 400, "deeper than 50"),
        ("-" * 900 + "1", "deeper than 50"),
        ("__import__('os')", "Character 1 cannot be read"),
        ("os.system", "Character 3 cannot be read"),
        ("os", "no function or constant 'os'"),
        ("eval(1)", "no function or constant 'eval'"),
        ("2 +", "expected at character 4"),
        ("2 3", "goes on where it should end at character 3"),
        ("(2", "')' is expected at character 3"),
        ("round(1, 2, 3)", "one or two values"),
        ("sin()", "expected at character 5"),
        ("", "expected at character 1"),
    ],
)
def test_t33_the_calculator_refuses_what_is_no_arithmetic(expression: str, words: str) -> None:
    started = time.monotonic()
    with pytest.raises(ToolFailed, match=words.replace("(", r"\(").replace(")", r"\)")):
        compute(expression)
    assert time.monotonic() - started < 1


def test_the_clock_knows_time_zones() -> None:
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert told(noon, "Europe/Vienna") == {
        "time": "2026-07-01T14:00:00+02:00",
        "weekday": "Wednesday",
        "timezone": "Europe/Vienna",
        "unix": 1782907200,
    }
    for name in ("Mars/Phobos", "../../etc/passwd", "/etc/localtime", "\x00"):
        with pytest.raises(ToolFailed, match="no time zone"):
            told(noon, name)


def test_json_is_asked() -> None:
    data = {"items": [{"name": "a", "price": 5}, {"name": "b", "price": 15}]}
    assert asked(data, "items[?price > `10`].name") == ["b"]
    assert asked(data, "sum(items[].price)") == 20
    assert asked(data, "nothing") is None


@pytest.mark.parametrize(
    "expression",
    [
        "items[",
        "nope(@)",
        "a" * 1_001,
        "|".join(["[@,@]"] * 100),
        "|".join(["{a:@,b:@}"] * 30),
        "to_string(" * 20 + "@" + ")" * 20,
        "!" * 900 + "a",
    ],
)
def test_t33_a_question_that_does_too_much_is_refused(expression: str) -> None:
    with pytest.raises(ToolFailed):
        asked({"items": []}, expression)


def test_metrics_of_an_investment() -> None:
    flows = [-1000, 400, 400, 400]
    assert value_of({"metric": "roi", "investment": 1000, "gain": 1250}) == 0.25
    assert value_of({"metric": "npv", "rate": 0.1, "cash_flows": flows}) == pytest.approx(-5.2592, abs=1e-4)
    # numpy-financial's own example.
    irr = value_of({"metric": "irr", "cash_flows": [-100, 39, 59, 55, 20]})
    assert irr == pytest.approx(0.28095, abs=1e-5)
    assert value_of({"metric": "payback_period", "cash_flows": flows}) == 2.5
    assert value_of({"metric": "payback_period", "cash_flows": [-100, 0, 100]}) == 2


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"metric": "roi", "gain": 1}, "roi needs investment"),
        ({"metric": "npv", "cash_flows": [1]}, "npv needs rate"),
        ({"metric": "irr", "cash_flows": [1, 2]}, "no such value"),
        ({"metric": "payback_period", "cash_flows": [-100, 1]}, "not paid back"),
        ({"metric": "payback_period", "cash_flows": [100, 1]}, "Nothing was invested"),
    ],
)
def test_metrics_that_cannot_be_told(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ToolFailed, match=words):
        value_of(given)
