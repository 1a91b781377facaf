"""Numbers as people and models write them."""

# ruff: noqa: RUF001

from __future__ import annotations

from typing import Any

import pytest

from tests.evaluation_app.scorers.shortcuts import passes, score


@pytest.mark.parametrize(
    ("output", "number"),
    [
        ("about 1,200 units", 1200),
        ("1,234,567.89", 1234567.89),
        ("1.234.567", 1234567),
        ("1.200,50 €", 1200.5),
        ("12,34,567 rupees", 1234567),
        ("1 200 000", 1200000),
        ("1\u202f200,5", 1200.5),
        ("1'200.5", 1200.5),
        ("1’200", 1200),
        ("1_000_000", 1000000),
        ("The answer is 3,14", 3.14),
        ("0,123", 0.123),
        ("1.200", 1.2),
        (".5", 0.5),
        ("It is 3.14.", 3.14),
        ("x = −2", -2),
        ("x=-2", -2),
        ("-$5.50", -5.5),
        ("$-5", -5),
        ("€ 1.000,00", 1000),
        ("GPT-4", 4),
        ("from 3-5", 5),
        ("5 - 2", 2),
        ("(-2)", -2),
        ("1e6", 1000000),
        ("1.5E-3", 0.0015),
        ("1.5×10^6", 1500000),
        ("1.5 x 10^-3", 0.0015),
        ("2×10⁶", 2000000),
        ("2 · 10⁻³", 0.002),
        ("1.5 \\times 10^{-3}", 0.0015),
        ("45%", 45),
        ("45 %", 0.45),
        ("5 ‰", 0.005),
        ("答案是42。", 42),
        ("٣٫١٤", 3.14),
        ("१२३", 123),
        ("１２３", 123),
        ("\\boxed{42}", 42),
        ("**42**", 42),
        ("I count 3 of 12", 12),
        ("first H2O, then 7", 7),
        ("42 (see RFC2616)", 42),
        ("+5", 5),
        ("5kg", 5),
        ("12345678901234567890123", 12345678901234567890123),
    ],
)
def test_a_number_is_read(output: str, number: float) -> None:
    assert passes("numeric", output, value=number), score("numeric", output, value=number)
    assert not passes("numeric", output, value=number + 1000)


def test_the_number_that_counted_is_shown_as_it_was_read() -> None:
    assert "“15”" in score("numeric", "on 2024-01-15", value=15).reason
    assert "“-15”" in score("numeric", "it is -15", value=15).reason


@pytest.mark.parametrize("output", ["five", "", "H2O", "NaN", "Infinity", "²", "9" * 500, "1e99999999999"])
def test_where_there_is_no_number_the_output_fails_and_says_so(output: str) -> None:
    judged = score("numeric", output, value=5)
    assert (judged.value, judged.passed) == (0.0, False)
    assert "no number" in judged.reason


@pytest.mark.parametrize(
    ("which", "output", "passed"),
    [
        ("last", "1, then 2", False),
        ("first", "1, then 2", True),
        ("any", "3, then 1, then 2", True),
        ("any", "3, then 2", False),
        ("only", "it is 1", True),
        ("only", "1, then 1", False),
    ],
)
def test_which_number_counts(which: str, output: str, passed: bool) -> None:
    assert passes("numeric", output, value=1, which=which) is passed


@pytest.mark.parametrize(
    ("output", "tolerances", "passed"),
    [
        ("10.5", {"absolute_tolerance": 0.5}, True),
        ("10.51", {"absolute_tolerance": 0.5}, False),
        ("11", {"relative_tolerance": 0.1}, True),
        ("8.9", {"relative_tolerance": 0.1}, False),
        ("10.6", {"absolute_tolerance": 0.5, "relative_tolerance": 0.1}, True),
        ("10.0000001", {}, False),
    ],
)
def test_tolerances_are_exact_and_the_larger_holds(output: str, tolerances: dict[str, Any], passed: bool) -> None:
    assert passes("numeric", output, value=10, **tolerances) is passed


def test_decimals_are_compared_as_they_are_written() -> None:
    assert passes("numeric", "0.3", value=0.1, absolute_tolerance=0.2)
    assert passes("numeric", "0.1", value=0.1)
    assert not passes("numeric", "12345678901234567891", value=12345678901234567890)


@pytest.mark.parametrize(("percent", "value", "passed"), [("number", 45, True), ("fraction", 45, False)])
def test_what_a_percent_sign_means_can_be_told(percent: str, value: float, passed: bool) -> None:
    assert passes("numeric", "45 %", value=value, percent=percent) is passed
    assert passes("numeric", "45 %", value=value / 100, percent=percent) is not passed


@pytest.mark.parametrize("expected", [1200, 1200.0, "1,200", "1200 units"])
def test_the_number_may_come_from_the_case(expected: object) -> None:
    assert passes("numeric", "1200", case={"expected": expected})
