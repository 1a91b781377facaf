"""What was masked comes back as it was, however an answer is cut into pieces."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.engine.masking import Answer
from privacy.masking.placeholders import Placeholders
from privacy.masking.restoring import Restorer, json_text
from privacy.masking.rules import Detector, Pattern, Rules
from privacy.masking.sending import Asked, masked
from providers.base import (
    Finish,
    ProviderEvent,
    ProviderToolUse,
    ReasoningDelta,
    TextDelta,
    TextWasReasoning,
    ToolCall,
    ToolCallPart,
    Usage,
)

DETECTOR = Detector(
    Rules(
        email=True,
        phone=True,
        iban=True,
        card=True,
        names=("Ada Lovelace", 'Tom "T" Ex', "a", "EMAIL"),
        patterns=(Pattern("QUOTED", r'"[^"]*"'), Pattern("DIGIT", r"\d"), Pattern("OPEN", r"[\[\]]")),
    )
)
PIECES = st.lists(
    st.one_of(
        st.text(max_size=12),
        st.sampled_from(
            ["ada@example.org", "b@c.io", "+49 30 901820", "DE89370400440532013000", "4111 1111 1111 1111",
             "Ada Lovelace", 'Tom "T" Ex', "[EMAIL_1]", "[EMAIL_2]", "[EMAIL", "_1]", "[NAME_1]", "[EMAIL\\_1]",
             "[", "]", "\\", '"', "\n", "[[EMAIL_1]]", "[PHONE_01]", "[DIGIT_1]", "[OPEN_1]"]
        ),
    ),
    max_size=12,
)  # fmt: skip


def placeholders_of(*texts: str, detector: Detector = DETECTOR) -> Placeholders:
    """Those of an execution with these texts."""
    made = Placeholders(detector)
    made.reserve(texts)
    return made


@given(PIECES)
def test_what_was_masked_comes_back_as_it_was(pieces: list[str]) -> None:
    text = "".join(pieces)
    made = placeholders_of(text)
    assert made.restored(made.masked(text)) == text


@given(PIECES, st.data())
def test_wherever_it_is_cut(pieces: list[str], data: st.DataObject) -> None:
    text = "".join(pieces)
    made = placeholders_of(text)
    sent, restorer, came = made.masked(text), Restorer(made), ""
    while sent:
        size = data.draw(st.integers(1, len(sent)))
        came += restorer.take(sent[:size])
        sent = sent[size:]
    assert came + restorer.rest() == text


@given(PIECES)
def test_in_strings_of_json_too(pieces: list[str]) -> None:
    text = "".join(pieces)
    made = placeholders_of(text)
    restorer = Restorer(made, is_json=True)
    answer = json.dumps({"a": made.masked(text)}, ensure_ascii=False)
    assert json.loads("".join(map(restorer.take, answer)) + restorer.rest()) == {"a": text}
    assert json.loads(json_text(json.dumps({"a": made.masked(text)}), made)) == {"a": text}


def test_every_cut_of_a_placeholder_is_mended() -> None:
    made = placeholders_of("ada@example.org")
    sent = f"To {made.masked('ada@example.org')} it goes"
    for cut in range(len(sent) + 1):
        restorer = Restorer(made)
        assert restorer.take(sent[:cut]) + restorer.take(sent[cut:]) + restorer.rest() == "To ada@example.org it goes"
    restorer = Restorer(made)
    assert "".join(map(restorer.take, sent)) == "To ada@example.org it goes"


def test_what_cannot_become_a_placeholder_is_told_at_once() -> None:
    restorer = Restorer(placeholders_of())
    assert [restorer.take(piece) for piece in ("a[0] = ", "[", "x", "[EMAIL", " x [A", "]", "[1")] == [
        "a[0] = ", "", "[x", "", "[EMAIL x ", "[A]", "[1",
    ]  # fmt: skip


def test_the_same_value_has_the_same_placeholder_and_somebodys_own_words_stay() -> None:
    text = "[EMAIL_1] is what ada@example.org and b@c.io and ada@example.org wrote"
    made = placeholders_of(text, detector=Detector(Rules(email=True)))
    sent = made.masked(text)
    assert sent == "[EMAIL_1] is what [EMAIL_2] and [EMAIL_3] and [EMAIL_2] wrote"
    assert dict(made.counts) == {"email": 3}
    assert made.restored("[EMAIL_1] [EMAIL\\_2] [EMAIL_9] [email_2]") == "[EMAIL_1] ada@example.org [EMAIL_9] [email_2]"


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_an_answer_of_every_kind_of_event(size: int) -> None:
    asked = Asked([{"role": "user", "content": 'ada@example.org, Tom "T" Ex'}], (), {})
    made = masked(asked, Detector(Rules(email=True, names=('Tom "T" Ex',)))).placeholders
    events: list[ProviderEvent] = []
    thought, said = "So [EMAIL_1] it is", "To [EMAIL_1], [NAME_1] and [EMAIL_7]["
    arguments = '{"to": "[EMAIL_1]", "who": "[NAME_1]"}'
    events += [ReasoningDelta(thought[at : at + size]) for at in range(0, len(thought), size)]
    events += [TextDelta(said[at : at + size]) for at in range(0, len(said), size)]
    events += [Usage(prompt_tokens=1)]
    events += [ToolCallPart(0, "1", "mail", arguments[at : at + size]) for at in range(0, len(arguments), size)]
    events += [ToolCall("1", "mail", arguments), ProviderToolUse("2", "web", '{"q": "[EMAIL_1]"}', '["[EMAIL_1]"]')]
    events += [Finish("stop")]
    answer = Answer(made, {})
    told = [each for event in events for each in answer.take(event)]
    assert isinstance(told[-1], Finish)
    assert "".join(each.text for each in told if isinstance(each, ReasoningDelta)) == "So ada@example.org it is"
    assert (
        "".join(each.text for each in told if isinstance(each, TextDelta))
        == 'To ada@example.org, Tom "T" Ex and [EMAIL_7]['
    )
    parts = "".join(each.arguments for each in told if isinstance(each, ToolCallPart))
    whole = [each.arguments for each in told if isinstance(each, ToolCall)]
    for written in (parts, *whole):
        assert json.loads(written) == {"to": "ada@example.org", "who": 'Tom "T" Ex'}
    assert [each for each in told if isinstance(each, ProviderToolUse)] == [
        ProviderToolUse("2", "web", '{"q": "ada@example.org"}', '["ada@example.org"]')
    ]


def test_what_was_held_is_told_when_an_answer_is_cut_or_was_thought() -> None:
    made = placeholders_of("ada@example.org")
    answer = Answer(made, {})
    assert list(answer.take(TextDelta("x [EMA"))) == [TextDelta("x ")]
    assert list(answer.take(TextWasReasoning())) == [TextDelta("[EMA"), TextWasReasoning()]
    assert list(answer.take(ToolCallPart(0, "1", "f", '{"a": "[E'))) == [ToolCallPart(0, "1", "f", '{"a": "')]
    assert list(answer.rest()) == [ToolCallPart(0, "1", "f", "[E")]


def test_what_stood_in_a_string_of_json_is_not_escaped_twice() -> None:
    made = placeholders_of(detector=Detector(Rules(names=('Tom "T" Ex',))))
    sent = made.masked(json.dumps({"who": 'Tom "T" Ex'}))
    assert json.loads(sent) == {"who": "[NAME_1]"}
    assert json.loads(json_text(sent, made)) == {"who": 'Tom "T" Ex'}
    again = placeholders_of(detector=Detector(Rules(names=('Tom "T" Ex',))))
    assert json.loads(json_text(json.dumps({"who": again.masked('Tom "T" Ex')}), again)) == {"who": 'Tom "T" Ex'}


def test_arguments_keep_numbers_that_no_float_holds() -> None:
    made = placeholders_of("ada@example.org")
    made.masked("ada@example.org")
    assert json_text('{"n": 123456789012345678901234567890, "to": "[EMAIL_1]"}', made) == (
        '{"n": 123456789012345678901234567890, "to": "ada@example.org"}'
    )
    assert json.loads(json_text('{"to": "\\u005bEMAIL_1\\u005d"}', made)) == {"to": "ada@example.org"}
