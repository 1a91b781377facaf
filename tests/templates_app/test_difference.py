"""What changed between two texts: by words as a reader sees them, in bounded time."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from templates_app.pages.presentation.folding import folded
from templates_app.versions.matching import MOST_WORK, Matcher
from templates_app.versions.text_difference import Piece, words_changed
from templates_app.versions.words import words_of
from tests.cast import Person
from tests.templates_app.conftest import MakeTemplate
from tests.templates_app.test_versions import at

texts = st.text(alphabet="ab \n\r{}%你好\u0301👩\u200d🏽é", max_size=60)


def changed(old: str, new: str) -> list[tuple[str, str]]:
    """Only what came and went."""
    return [(piece.op, piece.text) for piece in words_changed(old, new) if piece.op != "equal"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("Hi {{name}}!", "Hi {{customer}}!", [("delete", "{{name}}"), ("insert", "{{customer}}")]),
        ("{{ a }}{{b}}", "{{ a }}{{c}}", [("delete", "{{b}}"), ("insert", "{{c}}")]),
        ("{% if a %}x{% endif %}", "{% if b %}x{% endif %}", [("delete", "{% if a %}"), ("insert", "{% if b %}")]),
        ("你好\uff0c我是一个助手。", "你好\uff0c我是一名助手。", [("delete", "个"), ("insert", "名")]),
        ("これはテストです", "これがテストです", [("delete", "は"), ("insert", "が")]),
        ("นี่คือบ้าน", "นี่คือบาน", [("delete", "บ้"), ("insert", "บ")]),
        ("यह नाम है", "यह काम है", [("delete", "नाम"), ("insert", "काम")]),
        ("a 👩‍👩‍👧 b", "a 👩‍👩‍👦 b", [("delete", "👩‍👩‍👧"), ("insert", "👩‍👩‍👦")]),
        ("🇦🇹🇩🇪", "🇦🇹🇫🇷", [("delete", "🇩🇪"), ("insert", "🇫🇷")]),
        ("👍🏽 ok", "👍🏿 ok", [("delete", "👍🏽"), ("insert", "👍🏿")]),
        ("cafe\u0301 x", "cafe\u0302 x", [("delete", "cafe\u0301"), ("insert", "cafe\u0302")]),
        ("one\r\ntwo", "one\ntwo", [("delete", "\r\n"), ("insert", "\n")]),
        ("a", "", [("delete", "a")]),
        ("", "a", [("insert", "a")]),
        ("same", "same", []),
    ],
)
def test_words_are_those_of_a_reader(old, new, told):
    assert changed(old, new) == told


@pytest.mark.parametrize("between", [" ", "\n"])
@pytest.mark.parametrize("count", [800, 3_000, 60_000])
@pytest.mark.parametrize("word", ["word", "word{}"])
def test_one_word_of_many_is_told_alone(between, count, word):
    old = [word.format(number) for number in range(count)]
    new = [*old]
    new[count // 2] = "other"
    assert changed(between.join(old), between.join(new)) == [("delete", old[count // 2]), ("insert", "other")]


def test_changes_far_apart_in_repetitive_texts_are_each_told_alone():
    old = ["la"] * 20_000
    new = [*old]
    for place in (100, 9_000, 19_900):
        new[place] = "lo"
    told = changed(" ".join(old), " ".join(new))
    assert told == [("delete", "la"), ("insert", "lo")] * 3


@settings(max_examples=300, deadline=None)
@given(old=texts, new=texts)
def test_what_stays_and_goes_is_the_old_text_and_what_stays_and_comes_the_new_one(old, new):
    pieces = words_changed(old, new)
    assert "".join(piece.text for piece in pieces if piece.op != "insert") == old
    assert "".join(piece.text for piece in pieces if piece.op != "delete") == new
    assert all(piece.text for piece in pieces)
    assert all(one.op != other.op for one, other in pairwise(pieces))
    shown = folded(pieces)
    assert "".join(each.text for each in shown) == "".join(each.text for each in pieces)


@given(text=texts)
def test_no_word_begins_within_a_character(text):
    words = words_of(text)
    assert "".join(words) == text
    assert not any(unicodedata.category(word[0]).startswith("M") for word in words[1:])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a b " * 250_000, "b a b a a " * 100_000),
        ("ab\n" * 330_000, "ba\nab\nab\n" * 110_000),
        ("{{" * 500_000, "{{ " * 330_000),
        ("你我" * 500_000, "我你你" * 330_000),
        ("." * 1_000_000, "," + "." * 999_998 + ","),
        ("a" + "\u0301" * 999_999, "b" + "\u0301" * 999_999),
    ],
)
def test_texts_made_to_take_long_are_told_coarsely(old, new):
    pieces = words_changed(old, new)
    assert "".join(piece.text for piece in pieces if piece.op != "insert") == old
    assert "".join(piece.text for piece in pieces if piece.op != "delete") == new


def test_the_work_of_a_matcher_is_bounded():
    matcher = Matcher(work=1_000)
    old, new = ["a", "b"] * 5_000, ["b", "a", "a"] * 3_000
    blocks = list(matcher.blocks(old, new))
    assert MOST_WORK > 1_000
    assert blocks[-1][1][1] == len(old)
    assert blocks[-1][1][3] == len(new)


def test_of_a_long_text_what_stands_beside_a_change_is_shown():
    lines = [f"Line {number} of this text.\n" for number in range(3_000)]
    new = [*lines]
    new[1_500] = "Another line.\n"
    shown = folded(words_changed("".join(lines), "".join(new)))
    folds = [each for each in shown if each.op == "fold"]
    assert [each.told for each in folds] == ["1\u202f497 lines the same", "1\u202f497 lines the same"]
    open_text = "".join(each.text for each in shown if each.op == "equal")
    assert "Line 1497 " in open_text
    assert "Line 1496 " not in open_text
    words = " ".join(f"word{number}" for number in range(800))
    shown = folded(words_changed(words, words.replace("word400 ", "other ")))
    assert [each.op for each in shown] == ["fold", "equal", "delete", "insert", "equal", "fold"]
    assert all(len(each.text) < 400 for each in shown if each.op == "equal")
    assert folded([Piece("equal", "".join(lines))])[0].op == "equal"


async def test_the_api_tells_words_and_the_page_folds(make_template: MakeTemplate, author: Person):
    lines = [f"Rule {number}: be kind to {{{{name}}}}." for number in range(300)]
    made = await make_template(prompt="\n".join(lines))
    lines[150] = lines[150].replace("{{name}}", "{{guest}}")
    await author.call("PATCH", at(made), {"prompt": "\n".join(lines)})
    diff = (await author.get(at(made, "/diff?from=1&to=2"))).body["changes"]
    assert [each["text"] for each in diff["prompt"] if each["op"] != "equal"] == ["{{name}}", "{{guest}}"]
