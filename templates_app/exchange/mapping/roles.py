"""A text that says who speaks by lines of their own (`system:`, `user:`), as messages."""

from __future__ import annotations

import re
from typing import Any, Final

from templates_app.exchange.formats.format import Draft
from templates_app.rendering.placeholders import NAME

Turn = dict[str, Any]
"""`{role, content}`, or `{placeholder}`."""
# Linear: every repetition is bounded, and a line is tried once.
_SPEAKER: Final = re.compile(
    r"^[ \t]{0,20}(?:#{1,6}[ \t]{0,5})?(?P<role>system|user|assistant|developer|function|tool)"
    r"[ \t]{0,5}(?P<facts>\[[^\]\n]{0,300}\])?[ \t]{0,5}:[ \t]{0,20}$"
    r"|^[ \t]{0,20}\{\{[ \t]{0,5}(?P<thread>" + NAME + r")[ \t]{0,5}\}\}[ \t]{0,20}$"
    r"|^(?P<mark>\0)(?P<slot>" + NAME + r")\0$",
    re.IGNORECASE | re.MULTILINE,
)
_BLANK: Final = r"\s{0,40}"
_LOOP: Final = re.compile(
    r"\{%-?\s{0,9}for\s{1,9}(?P<item>" + NAME + r")\s{1,9}in\s{1,9}(?P<list>" + NAME + r")\s{0,9}-?%\}" + _BLANK
    + r"(?:#{1,6}[ \t]{0,5})?\{\{\s{0,9}(?P=item)(?:\.role|\[['\"]role['\"]\])\s{0,9}\}\}\s{0,9}:" + _BLANK
    + r"\{\{\s{0,9}(?P=item)(?:\.content|\[['\"]content['\"]\])\s{0,9}\}\}" + _BLANK
    + r"\{%-?\s{0,9}endfor\s{0,9}-?%\}"
)  # fmt: skip
_TAG: Final = re.compile(r"\{%-?\s{0,20}(?P<word>[a-z]+)")
_OPEN: Final = frozenset({"if", "for", "macro", "call", "filter", "block", "raw", "with", "autoescape"})


def spoken(body: str, *, threads: frozenset[str], draft: Draft) -> tuple[list[Turn], list[str]]:
    """The turns of a text, and the variables that stand for the messages said before.

    What stands before the first line of a role is the system's; a text without such lines is the user's. A loop that
    writes out messages, and a variable of `threads` in a line of its own, become a placeholder.
    """
    text = _LOOP.sub(lambda found: f"\n\0{found['list']}\0\n", body)
    turns: list[Turn] = []
    slots: list[str] = []
    role, at, is_spoken = "system", 0, False
    for found in _SPEAKER.finditer(text):
        if found["thread"] and found["thread"] not in threads:
            continue
        _say(turns, role, text[at : found.start()])
        at = found.end()
        if name := found["thread"] or found["slot"]:
            turns.append({"placeholder": name})
            slots.append(name)
        else:
            role, is_spoken = found["role"].lower(), True
            if found["facts"]:
                draft.note(f"What is said of a message beside its role is not carried over: {found['facts'][:100]}.")
    _say(turns, role, text[at:])
    if not is_spoken:
        for turn in turns:
            if "role" in turn:
                turn["role"] = "user"
    if not all(_is_balanced(turn["content"]) for turn in turns if "role" in turn):
        draft.note("A block of Jinja2 goes beyond one message, so the whole text is one prompt: look at its roles.")
        return [{"role": "user", "content": body.strip("\n")}], []
    return turns, slots


def _say(turns: list[Turn], role: str, text: str) -> None:
    if text.strip():
        turns.append({"role": role, "content": text.strip("\n").rstrip()})


def _is_balanced(text: str) -> bool:
    """Whether every block of Jinja2 that begins in this text ends in it."""
    opened: list[str] = []
    for found in _TAG.finditer(text):
        word, is_sound = found["word"], True
        if word in _OPEN:
            opened.append(word)
        elif word in ("else", "elif"):
            is_sound = bool(opened)
        elif word.startswith("end") and word != "endset":
            is_sound = bool(opened) and opened.pop() == word[3:]
        if not is_sound:
            return False
    return not opened


def asked(turns: list[Turn], draft: Draft) -> list[Turn]:
    """The turns, where somebody asks: a system message alone that already has places for values is what is asked."""
    is_alone = bool(turns) and all(turn.get("role") in ("system", "developer") for turn in turns)
    if not is_alone or not any("{{" in str(turn["content"]) for turn in turns):
        return turns
    draft.note("Only a system message is there, and its variables are what is asked: it is the prompt here.")
    return [*turns[:-1], {**turns[-1], "role": "user"}]
