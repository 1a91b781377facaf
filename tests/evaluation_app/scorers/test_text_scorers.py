"""Scorers of words: what counts as the same, and what does not."""

# ruff: noqa: RUF001

from __future__ import annotations

import sys
import time
import unicodedata
from typing import Any

import pytest

from evaluation_app.scorers.reading.normal_form import BEYOND_MARKS, normal
from tests.evaluation_app.scorers.shortcuts import passes, score

DECOMPOSED = "cafe\u0301"
COMPOSED = "caf\u00e9"


@pytest.mark.parametrize(
    ("scorer", "params"),
    [
        ("contains", {"keywords": [DECOMPOSED]}),
        ("exact", {"value": DECOMPOSED}),
        ("starts_with", {"value": DECOMPOSED}),
        ("ends_with", {"value": DECOMPOSED}),
        ("regex", {"pattern": f"^{DECOMPOSED}$"}),
        ("equals_json", {"value": DECOMPOSED}),
        ("levenshtein", {"value": DECOMPOSED, "max_distance": 0}),
        ("similarity", {"value": DECOMPOSED, "threshold": 1}),
        ("rouge_l", {"value": DECOMPOSED, "threshold": 1}),
        ("length", {"min_characters": 4, "max_characters": 4}),
    ],
)
@pytest.mark.parametrize("written", [COMPOSED, DECOMPOSED])
def test_an_accent_may_be_written_either_way(scorer: str, params: dict[str, Any], written: str) -> None:
    assert passes(scorer, f'"{written}"' if scorer == "equals_json" else written, **params)


@pytest.mark.parametrize(
    ("one", "other"),
    [("STRASSE", "straße"), ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("ﬁn", "FIN"), ("İ", "i\u0307"), ("ǰ", "J\u030c"), ("ᾳ", "αι")],
)
def test_case_is_folded_as_unicode_says(one: str, other: str) -> None:
    assert passes("contains", f"x {one} x", keywords=[other])
    assert passes("exact", one, value=other, case_sensitive=False)
    assert not passes("contains", f"x {one} x", keywords=[other], case_sensitive=True)


def test_a_letter_is_not_the_same_letter_with_a_mark() -> None:
    assert not passes("contains", COMPOSED, keywords=["cafe"])
    assert not passes("exact", COMPOSED, value="cafe")


@pytest.mark.parametrize(
    ("output", "mode", "passed"),
    [
        ("a b", "all", True),
        ("a", "all", False),
        ("a", "any", True),
        ("c", "any", False),
        ("c", "none", True),
        ("a", "none", False),
        ("", "all", False),
        ("", "none", True),
    ],
)
def test_contains_all_any_or_none(output: str, mode: str, passed: bool) -> None:
    assert passes("contains", output, keywords=["a", "b"], mode=mode) is passed


def test_what_was_not_found_is_named() -> None:
    assert "“cost”" in score("contains", "risk only", keywords=["risk", "cost"]).reason


@pytest.mark.parametrize("scorer", ["exact", "starts_with", "ends_with"])
def test_white_space_at_the_ends_counts_when_told_so(scorer: str) -> None:
    assert passes(scorer, "\u00a0 Paris\r\n", value="Paris", trim=True)
    assert not passes(scorer, " Paris ", value="Paris", trim=False)


def test_an_empty_output_is_exactly_nothing_and_begins_with_nothing() -> None:
    assert passes("exact", " \n", value="")
    assert not passes("starts_with", "", value="a")
    assert not passes("ends_with", "", value="a")


@pytest.mark.parametrize(
    ("pattern", "output", "passed"),
    [
        (r"\p{Han}+", "答案", True),
        (r"\bcat\b", "a cat.", True),
        (r"^$", "", True),
        (r"\d", "٣", False),
        (r"(?i)STRASSE", "strasse", True),
        (r"a{3}", "aa", False),
        (r"\x{1F600}", "😀", True),
        (r"^a$", "a\n", False),
        (r"\Qa.c\E", "abc", False),
        (r"(?P<year>\d{4})", "2026", True),
    ],
)
def test_patterns_are_those_of_re2(pattern: str, output: str, passed: bool) -> None:
    assert passes("regex", output, pattern=pattern) is passed


def test_a_pattern_may_leave_case_out_of_account() -> None:
    assert passes("regex", "PARIS", pattern="^paris$", case_sensitive=False)
    assert not passes("regex", "PARIS", pattern="^paris$")


@pytest.mark.parametrize(
    ("output", "characters", "words"),
    [
        ("", 0, 0),
        ("don't stop-me — now", 19, 3),
        ("👍🏽", 2, 0),
        ("这是一个短句。", 7, 6),
        ("日本語 text", 8, 4),
        ("a\u00a0b\tc\n", 6, 3),
        ("1,200 units", 11, 2),
    ],
)
def test_length_counts_code_points_and_words(output: str, characters: int, words: int) -> None:
    assert passes("length", output, min_characters=characters, max_characters=characters)
    assert passes("length", output, min_words=words, max_words=words)
    assert not passes("length", output, min_words=words + 1)
    assert not passes("length", output, min_characters=characters + 1)


@pytest.mark.parametrize(
    ("language", "output"),
    [
        ("en", "Sure, here is how you do it."),
        ("en-GB", "THE RISK IS LOW"),
        ("de", "Der Umsatz stieg im dritten Quartal um acht Prozent."),
        ("fr", "La réponse à cette question est assez simple."),
        ("es", "La respuesta a esta pregunta es muy sencilla."),
        ("pt-BR", "A resposta para esta pergunta é muito simples."),
        ("it", "La risposta a questa domanda è molto semplice."),
        ("zh", "这个问题的答案很简单。"),
        ("ja", "この質問の答えはとても簡単です。"),
        ("ko", "이 질문에 대한 답은 아주 간단합니다."),
        ("ru", "Ответ на этот вопрос очень простой."),
        ("nb", "Svaret på dette spørsmålet er veldig enkelt, sier han."),
        ("ar", "الجواب على هذا السؤال بسيط جدا."),
    ],
)
def test_the_language_of_a_sentence(language: str, output: str) -> None:
    assert passes("language", output, language=language)
    assert passes("language", output * 100, language=language)
    assert not passes("language", output, language="fi")


def test_code_says_nothing_of_the_language() -> None:
    code = "```python\nfor each in everything: print(each, 'the quick brown fox jumps over it')\n```\n" * 5
    assert passes("language", f"{code}Das ist die Lösung für diese Aufgabe.\n{code}", language="de")


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        *((short, "too short") for short in ("", "Yes.", "42", "!!! ??? …", "🎉🎉🎉")),
        *((strange, "likely enough") for strange in ("SELECT * FROM users WHERE id = 3", "Hello world")),
    ],
)
def test_what_could_be_any_language_has_none(output: str, reason: str) -> None:
    judged = score("language", output, language="en")
    assert (judged.value, judged.passed) == (None, False)
    assert reason in judged.reason


def test_marks_without_end_are_put_in_order_in_linear_time() -> None:
    begun = time.monotonic()
    normal("a" + "\u0301\u0316" * 500_000)
    assert time.monotonic() - begun < 20  # without a break after each thirty: hours


@pytest.mark.parametrize("text", ["é" * 40, "a" + "\u0301" * 29, "ệ", "각", "Å"])
def test_ordinary_texts_have_their_normal_form(text: str) -> None:
    assert normal(unicodedata.normalize("NFD", text)) == unicodedata.normalize("NFC", text)


def test_every_mark_of_unicode_is_known() -> None:
    assert not any(unicodedata.combining(chr(code)) for code in range(BEYOND_MARKS, sys.maxunicode + 1))
    assert not any(unicodedata.combining(chr(code)) for code in range(0x300))
