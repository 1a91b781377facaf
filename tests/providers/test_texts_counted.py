"""Tokens of texts as they stand: counted, estimated, and told in the same words everywhere."""

from __future__ import annotations

from typing import Any

import pytest

from providers.tokenizing import texts
from providers.tokenizing.characters import estimated
from providers.tokenizing.counter import CannotCount, Counter
from providers.tokenizing.texts import tokens_of
from providers.tokenizing.vocabulary import count

SAID = ("Größe und Maß, 契約の解除について", "x" * 400)


def test_a_models_own_tokenizer_counts_all_of_them() -> None:
    told = tokens_of(SAID, "openai/gpt-4o")
    assert (told.tokens, told.is_counted) == (sum(count(text, "o200k_base") for text in SAID), True)
    assert str(told) == f"{told.tokens} tokens, counted"


@pytest.mark.parametrize("model_id", ["", "local/echo"])
def test_without_one_they_are_estimated_by_their_characters(model_id: str) -> None:
    told = tokens_of(SAID, model_id)
    assert (told.tokens, told.is_counted) == (sum(map(estimated, SAID)), False)
    assert str(tokens_of(["x"], model_id)) == "about 1 token, estimated"


def test_without_an_answer_they_are_estimated_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def cannot(self: Counter, texts: Any, tokenizer: str) -> list[int]:
        raise CannotCount

    monkeypatch.setattr(Counter, "count", cannot)
    assert not tokens_of(SAID, "openai/gpt-4o").is_counted


def test_of_long_texts_the_beginning_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "READ", 500)
    word = "word " * 200
    told = tokens_of([word, word], "openai/gpt-4o")
    assert not told.is_counted
    assert told.tokens == pytest.approx(count(word + word, "o200k_base"), rel=0.02)
    assert tokens_of([word[:500]], "openai/gpt-4o").is_counted


def test_no_text_has_no_tokens() -> None:
    assert tokens_of([], "openai/gpt-4o").tokens == 0
