"""How texts are folded and cut for every search, and names ordered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.search.cutting import searched, words
from foundation.search.folding import fold
from foundation.search.matching import Sought
from foundation.search.ordering import name_order


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("gpt-4.1", [("gpt", "4", "1")]),
        ("C++20, C# and .NET", [("c++", "20"), ("c#",), ("and",), ("net",)]),
        ("GPT模型", [("gpt", "模", "型")]),
        ("don\u2019t", [("don", "t")]),
        ("हिन्दी भाषा", [("हिन्दी",), ("भाषा",)]),
        ("\U0001f469\u200d\U0001f4bb \u2764\ufe0f \U0001f44d\U0001f3fd", [("👩", "💻"), ("\u2764",), ("👍",)]),
        ("a=b", [("a",), ("=",), ("b",)]),
        ("?!", [("?",), ("!",)]),
        ("", []),
    ],
)
def test_words_are_cut_into_pieces(text: str, cut: list[tuple[str, ...]]):
    assert list(words(text)) == cut


def test_symbols_between_words_are_not_asked_for():
    assert searched("a = b | b", most=12) == [("a",), ("b",)]
    assert searched("->", most=12) == [(">",)]


@given(st.text(max_size=40))
def test_folding_again_changes_nothing_and_every_visible_text_has_words(text: str):
    assert fold(fold(text)) == fold(text)
    assert list(words(fold(text))) == list(words(text))
    assert bool(list(words(text))) == bool(fold(text).split())


@given(st.text(max_size=20), st.text(max_size=20))
def test_order_is_total(one: str, other: str):
    assert one == other or name_order(one) != name_order(other)


@pytest.mark.parametrize("part", ["zurich", "ZÜR", "4.1", "本語", "🚀", "it", "strasse gpt", "e-mail"])
def test_texts_hold_what_is_searched_for(part: str):
    assert Sought(part).is_in(["Zürich, Straße 5", None, "GPT-4.1 日本語 🚀 e\u2011mail IT"])
    assert not Sought(f"{part} nowhere").is_in(["Zürich, Straße 5", "GPT-4.1 日本語 🚀 e\u2011mail IT"])
