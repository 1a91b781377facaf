"""Whether a variable holds somebody's text: told by its type, its rules, its name, its description and its place."""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Final

from templates_app.content import Rule, Variable, VariableType
from templates_app.linting.patterns import pattern
from templates_app.linting.vocabulary import vocabulary

SHORT: Final = 200
"""A value of up to so many characters is a name or a topic; a longer one is somebody's text."""


class Held(IntEnum):
    """What a variable holds: a word of the sentence, what somebody asks for, or a text of any length."""

    WORD = 0
    REQUEST = 1
    TEXT = 2


# The last word of a name says what it is: email_subject is a subject, customer_email an e-mail.
_TEXTS: Final = vocabulary("texts")
_TEXT_ENDINGS: Final = tuple(vocabulary("text_endings"))
_REQUESTS: Final = vocabulary("requests")
_WORD_NAMES: Final = vocabulary("words")
_AMOUNTS: Final = vocabulary("amounts")
_WORDS_OF_NAME: Final = re.compile(r"[A-Z]?[^\W_A-Z]+|[A-Z]+(?![a-z])")
_HEAD: Final = re.compile(r"[^\W\d_]+(?:['\u2019]s)?")
_PREPOSITION: Final = re.compile(r"[,.;:()]|\b(?:of|to|for|in|on|from|that|which|about|by|with|as|where|whose)\b")
# What is summarised or translated is a text, whatever it is called.
_WORKS_ON: Final = pattern(
    r"(?i)(?:summari[sz]e|translate|proofread|rewrite|rephrase|paraphrase|shorten|condense|classify"
    r"|fasse|übersetze|korrigiere|kürze|résume|résumez|traduis|traduisez|resume|resuma|resumir|traduce|traduzca|traduza"
    r"|riassumi|traduci|переведи|переведите|сократи|перескажи|翻译|翻譯|总结|總結|概括|请将|把)"
    r"(?:[ \t]+(?:this|the|these|my|following|text|den|die|das|le|la|el|il|o)){0,3}[ \t:]*$"
)


def held_by(variable: Variable | None, *, before: str = "") -> Held:
    """What this variable holds, where its place in the text comes after `before` on the same line."""
    if variable is None or variable.type is not VariableType.STRING or _is_held_short(variable.rules):
        return Held.WORD
    if any(rule.name == "max_length" for rule in variable.rules):
        return Held.TEXT
    words = words_of(variable.name)
    last = words[-1] if words else ""
    if words and words[0] in _AMOUNTS:
        return Held.WORD
    if last in _TEXTS or variable.name.endswith(_TEXT_ENDINGS) or _head_of(variable.description) in _TEXTS:
        return Held.TEXT
    if last in _REQUESTS:
        return Held.REQUEST
    return Held.TEXT if last not in _WORD_NAMES and _WORKS_ON.search(before) else Held.WORD


def words_of(name: str) -> list[str]:
    """The words that a variable's name is made of, in small letters and without numbers."""
    return [word.casefold().rstrip("0123456789") for word in _WORDS_OF_NAME.findall(name)]


def _is_held_short(rules: tuple[Rule, ...]) -> bool:
    lengths = [rule.value for rule in rules if rule.name == "max_length" and isinstance(rule.value, int)]
    return any(length <= SHORT for length in lengths) or any(rule.name in {"enum", "pattern"} for rule in rules)


def _head_of(description: str) -> str:
    """The noun that a description begins with: "review" of "A customer's review, as it was written."."""
    words = _HEAD.findall(_PREPOSITION.split(description[:SHORT].casefold(), maxsplit=1)[0])
    return words[-1] if words else ""
