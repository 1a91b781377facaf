"""What a judge's reply says: the JSON object that was asked for, however models wrap it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from evaluation_app.scorers.outside.desk import Said, Unreadable
from evaluation_app.scorers.reading.json_answer import NoJson, json_in
from foundation.words import number

LONGEST: Final = 100_000
MOST_OBJECTS: Final = 200
"""Braces of a reply that are looked at."""
LONGEST_REASON: Final = 2_000
_THOUGHTS: Final = re.compile(r"^\s*<(think|thinking|thought|reasoning)>.*?</\1>", re.DOTALL | re.IGNORECASE)


def said_in(reply: str, choice_of: Callable[[Mapping[str, Any]], str | None]) -> Said:
    """The verdict; `choice_of` gives an object's choice, None where it has none. Raises Unreadable.

    Read are: JSON, JSON in a fence, JSON written as a JSON text or with its quotes escaped, and objects amid words, as
    long as all that tell a choice tell the same.
    """
    if len(reply) > LONGEST:
        raise Unreadable(f"The judge's reply is longer than {number(LONGEST)} characters.")
    if not reply.strip():
        raise Unreadable("The judge's reply is empty.")
    found = [(choice, each) for each in objects_in(reply) if (choice := choice_of(each)) is not None]
    if not found:
        raise Unreadable("The judge's reply holds no verdict.")
    if len({choice for choice, _ in found}) > 1:
        raise Unreadable("The judge's reply holds verdicts that contradict each other.")
    choice, told = found[-1]
    reason = told.get("reason", "")
    return Said(choice, (reason if isinstance(reason, str) else json.dumps(reason, default=str))[:LONGEST_REASON])


def word_of(told: Mapping[str, Any], name: str) -> str:
    """A value that is one word: lower case, without what stands around it; empty where it is none."""
    value = told.get(name)
    return value.strip().strip(".*_\"'` ").casefold() if isinstance(value, str) else ""


def objects_in(reply: str) -> Iterator[Mapping[str, Any]]:
    """The objects of a model's reply: the whole of it, or those amid its words; thoughts before it are none of it."""
    text = _THOUGHTS.sub("", reply).strip()
    whole = _whole(text)
    if whole is None:
        whole = _whole(_unescaped(text))
    if whole is not None:
        yield from (each for each in (whole if isinstance(whole, list) else [whole]) if isinstance(each, Mapping))
        return
    yield from _amid_words(text)


def _whole(text: str) -> Any:
    """The reply's JSON, also where it was written as a text; None where it is none."""
    try:
        value = json_in(text)
        return json_in(value) if isinstance(value, str) else value
    except NoJson:
        return None


def _unescaped(text: str) -> str:
    try:
        value = json.loads(f'"{text}"', strict=False)
    except (ValueError, RecursionError):
        return ""
    return value if isinstance(value, str) and value != text else ""


def _amid_words(text: str) -> Iterator[Mapping[str, Any]]:
    decoder, at = json.JSONDecoder(strict=False), 0
    for _ in range(MOST_OBJECTS):
        at = text.find("{", at)
        if at < 0:
            return
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at += 1
            continue
        if isinstance(value, Mapping):
            yield value
