"""Measures of likeness, against figures known from elsewhere."""

from __future__ import annotations

import os
import socket
from typing import Any

import pytest

from evaluation_app.scorers.likeness import embedding
from tests.evaluation_app.scorers.shortcuts import passes, score


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("kitten", "sitting", 3),
        ("flaw", "lawn", 2),
        ("", "abc", 3),
        ("abc", "", 3),
        ("", "", 0),
        ("é", "e", 1),
        ("👍", "👎", 1),
    ],
)
def test_levenshtein(one: str, other: str, distance: int) -> None:
    judged = score("levenshtein", one, value=other, max_distance=distance)
    assert judged.passed
    assert judged.value == pytest.approx(1 - distance / max(len(one), len(other), 1))
    assert not distance or not passes("levenshtein", one, value=other, max_distance=distance - 1)


@pytest.mark.parametrize(
    ("scorer", "params", "output", "value"),
    [
        ("similarity", {"value": "kitten"}, "sitting", 1 - 3 / 7),
        ("similarity", {"value": "MARHTA", "method": "jaro_winkler"}, "MARTHA", 0.961111),
        ("similarity", {"value": "abcd", "method": "indel"}, "bcde", 0.75),
        ("similarity", {"value": "ABC", "case_sensitive": False}, "abc", 1.0),
        ("rouge_l", {"value": "police killed the gunman"}, "police kill the gunman", 0.75),
        ("rouge_l", {"value": "police killed the gunman"}, "the gunman kill police", 0.5),
        ("rouge_l", {"value": "Straße und Weg"}, "STRASSE, und: Weg!", 1.0),
        ("rouge_l", {"value": "ответ простой"}, "Ответ очень простой.", 0.8),
        ("rouge_l", {"value": "a b"}, "", 0.0),
        ("rouge_l", {"value": "जोखिम कम है"}, "जोखिम बहुत कम है", 6 / 7),
        ("rouge_l", {"value": "风险很低"}, "风险低。", 6 / 7),
        ("rouge_l", {"value": "snake_case don't"}, "snake case, don t!", 1.0),
        ("bleu", {"value": "the cat sat on the mat"}, "the cat sat on the mat", 1.0),
        ("bleu", {"value": "the cat sat on the mat"}, "the cat sat on a mat", 0.537285),
        ("bleu", {"value": "the cat"}, "", 0.0),
        ("chrf", {"value": "the cat sat on the mat"}, "the cat sat on the mat", 1.0),
        ("chrf", {"value": "the cat sat on the mat"}, "", 0.0),
        ("semantic", {"value": "The same."}, "The same.", 1.0),
        ("semantic", {"value": "The same."}, " \n", 0.0),
    ],
)
def test_measures(scorer: str, params: dict[str, Any], output: str, value: float) -> None:
    assert score(scorer, output, **params).value == pytest.approx(value, abs=1e-6)


def test_chrf_and_its_variants_differ() -> None:
    plain = score("chrf", "the cat sat on a mat", value="the cat sat on the mat").value
    words = score("chrf", "the cat sat on a mat", value="the cat sat on the mat", word_order=2).value
    assert plain is not None
    assert words is not None
    assert 0.5 < plain < words < 1


def test_meaning_is_told_from_words_and_says_what_it_cannot_see() -> None:
    near = score("semantic", "A cat was sitting on the mat.", value="The cat sat on the mat.")
    far = score("semantic", "Quarterly revenue rose by eight percent.", value="The cat sat on the mat.")
    assert near.value is not None
    assert far.value is not None
    assert near.value > 0.8 > 0.2 > far.value
    assert "cannot see “not”" in near.reason


def test_the_embeddings_come_from_the_package_and_from_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("somebody was called")

    embedding.model.cache_clear()
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setitem(os.environ, "HOME", "/nonexistent")
    assert passes(
        "semantic", "France's capital city is Paris.", value="Paris is the capital of France.", semantic_threshold=0.7
    )


def test_a_long_answer_is_compared_in_a_process_of_its_own() -> None:
    text = "The quarterly report says that costs went down while revenue went up. " * 300
    assert score("semantic", text, value=text).value == pytest.approx(1)
    assert passes("bleu", text, value=text)


@pytest.mark.parametrize("scorer", ["levenshtein", "similarity", "rouge_l", "bleu", "chrf", "semantic"])
def test_the_text_may_come_from_the_case(scorer: str) -> None:
    params = {"max_distance": 0} if scorer == "levenshtein" else {}
    assert passes(scorer, "Costs went down again.", case={"expected": "Costs went down again."}, **params)
