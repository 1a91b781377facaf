"""Numbers as people type them."""

from __future__ import annotations

import pytest

from foundation.presentation.typed_numbers import plainly, typed_number


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("0.7", 0.7),
        ("0,7", 0.7),
        (" 5 ", 5),
        ("-3", -3),
        ("+4", 4),
        ("1.000", 1.0),
        ("0,125", 0.125),
        ("12,34", 12.34),
        ("10 000", 10_000),
        ("1\u2009000,5", 1000.5),
        ("1\u202f234\u00a0567", 1_234_567),
        ("1e5", 100_000.0),
    ],
)
def test_numbers_are_read_as_they_are_typed(typed: str, meant: float) -> None:
    value = typed_number(typed)
    assert value == meant
    assert type(value) is type(meant)
    assert float(plainly(typed)) == meant


@pytest.mark.parametrize(
    "typed",
    ["", "abc", "nan", "inf", "1_000", "1,000", "1,000,000", "12 34", "1e999", "٣", "0x1", "9" * 5_000, "1.2.3"],
)
def test_what_is_none_or_could_be_two_stays_as_it_is(typed: str) -> None:
    assert typed_number(typed) == typed
