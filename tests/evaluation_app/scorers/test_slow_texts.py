"""Texts written to be slow: what is judged in the service itself is judged at once, however they are made."""

# ruff: noqa: RUF001

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from evaluation_app.scorers.errors import ScorerError
from evaluation_app.scorers.registry import made
from evaluation_app.scorers.sample import Sample
from evaluation_app.scorers.scorer import Scorer

CEILING = 10.0
"""Seconds, on a busy machine; what is linear takes a tenth, what is quadratic minutes."""
PARAMS: dict[str, dict[str, Any]] = {
    "contains": {"keywords": ["x" * 50, "aab", "é" * 20]},
    "exact": {"value": "x", "case_sensitive": False},
    "regex": {"pattern": "(a|aa)*(b|ab)*c$"},
    "starts_with": {"value": "x"},
    "numeric": {"value": -7, "which": "any"},
    "length": {"max_words": 1},
    "language": {"language": "en"},
    "refusal": {},
    "equals_json": {"value": {"a": 1}},
    "levenshtein": {"value": "x" * 5_000, "max_distance": 1},
    "similarity": {"value": "x" * 5_000},
    "rouge_l": {"value": "x " * 2_500},
    "semantic": {"value": "x"},
}
PIECES = [
    *("a", "ab", "a b ", " ", "\u00a0", "\n", "\r\n", "_", "-", "`", "```\n", "```a\n", "```\n````\n", "~~~a\n```b\n"),
    *("1", "0", "0.", "1,", "111,", ".111", "1.111,", "1 111", "'111", "1e", "e1", "-1", "5%", "×10^", "·10⁻"),
    *("[", "[1,", '{"a":', '"', "\\", '"\\ud800"', "i can't ", "sorry, ", "ich kann "),
    *("a\u0301", "\u0301\u0316", "é", "İ", "ﬃ", "漢", "👍🏽", "x\u200d"),
]


def texts(longest: int) -> Iterator[str]:
    for piece in PIECES:
        text = (piece * (longest // len(piece) + 1))[:longest]
        yield text
        yield f"```{text[: longest - 8]}x"
        yield f"1{text[: longest - 8]}x"
    yield "".join(f"{'`' * (3 + number)}\n" for number in range(440))[:longest]


@pytest.mark.parametrize("name", PARAMS)
def test_no_text_is_slow_where_others_wait(name: str) -> None:
    scorer = made(name, PARAMS[name])
    assert isinstance(scorer, Scorer)
    scorer.warm()
    longest = max(
        size for size in (1_000, 5_000, 9_000, 20_000, 90_000, 500_000) if scorer.is_cheap(Sample("a" * size))
    )
    for text in texts(longest):
        begun = time.monotonic()
        with suppress(ScorerError):
            scorer.score(Sample(text))
        assert time.monotonic() - begun < CEILING, repr(text[:40])
