"""Whether a variable's text is set apart from the instructions around it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice
from typing import Final

from templates_app.linting.patterns import pattern
from templates_app.linting.text import Text
from templates_app.rendering.placeholders import Placeholder

MOST: Final = 5_000
"""Borders of a text that are looked at."""
_BORDER: Final = pattern(r"`{3,}|~{3,}|\"\"\"|'''|<(/?)([A-Za-z][\w:.-]{0,60})(?: [^<>\n]{0,200})?>")
# "Text:", "- Product name:", "**Question:**" and the like, up to the place.
_LABEL: Final = re.compile(r"[\s>*#•-]{0,8}(?:\d{1,2}[.)] ?)?[^\W\d_][\w '/&()-]{0,50}[*_]{0,2}:[*_]{0,2}\s*")
_PLACE: Final = re.compile(r"\{\{[^{}\n]{1,100}\}\}")
_PAIRS: Final = {
    '"': '"',
    "“": "”",
    "\u2018": "\u2019",
    "«": "»",
    "„": "“",
    "`": "`",
    "'": "'",
    "*": "*",
    "[": "]",
    "(": ")",
    "<": ">",
    "{": "}",
    "「": "」",
    "『": "』",
    "《": "》",
    "【": "】",
    "\uff08": "\uff09",
}
_PUNCTUATION: Final = " \t\r.,;!?*_。\uff01\uff1f\uff1b،؟"
_BULLETS: Final = "#>•-"
# "- {{notes}}: what was said in the meeting" tells what a variable is.
_EXPLAINS: Final = re.compile(r"\s{0,3}(?:[:\uff1a=]|[\u2013\u2014-]\s)")
# "The review is", "Summarise this article in one sentence:", "Text ->": what comes after it ends with the line.
_LEADS_IN: Final = re.compile(
    r"[:\uff1a=>\u2013\u2014-]\s*$|\b(?:is|are|was|says|reads|ist|lautet|est|es|sono|è)\s*$", re.IGNORECASE
)


class Delimiters:
    """The borders of one text."""

    def __init__(self, text: Text) -> None:
        self._text = text
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(_enclosed(text.text)):
            if not self._ends or start >= self._ends[-1]:
                self._starts.append(start)
                self._ends.append(end)
            else:
                self._ends[-1] = max(self._ends[-1], end)

    def enclose(self, place: Placeholder) -> bool:
        """Whether it is fenced, tagged or quoted."""
        index = bisect_right(self._starts, place.start) - 1
        if index >= 0 and place.end <= self._ends[index]:
            return True
        before, after = self._text.before(place.start).rstrip(" \t"), self._text.after(place.end).lstrip(" \t")
        return bool(before and after and _PAIRS.get(before[-1]) == after[0]) or _is_in_quotation(before, after)

    def set_apart(self, place: Placeholder) -> bool:
        """Whether it is enclosed, alone on its line, or the rest of a line that leads up to it."""
        if self.enclose(place):
            return True
        before, after = _without_places(self._text.before(place.start)), self._text.after(place.end)
        leads = not before.strip(_PUNCTUATION + _BULLETS)
        if not self.is_last(place):
            return leads and _EXPLAINS.match(after) is not None
        return leads or bool(_LABEL.fullmatch(before) or _LEADS_IN.search(before))

    def is_last(self, place: Placeholder) -> bool:
        """Whether nothing but other variables and punctuation follows on its line."""
        return not _without_places(self._text.after(place.end)).strip(_PUNCTUATION)


def _without_places(line: str) -> str:
    return _PLACE.sub("", line)


def _is_in_quotation(before: str, after: str) -> bool:
    return before.count('"') % 2 == 1 and '"' in after


def _enclosed(text: str) -> Iterator[tuple[int, int]]:
    """What lies between two fences, two triple quotation marks, or a tag and its partner."""
    opened: dict[str, list[int]] = {}
    for found in islice(_BORDER.finditer(text), MOST):
        name, is_closing = found.group(2), bool(found.group(1))
        if name is None:
            mark = found.group()[:3]
            if starts := opened.pop(mark, None):
                yield starts[0], found.end()
            else:
                opened[mark] = [found.start()]
        elif is_closing and opened.get(name):
            yield opened[name].pop(), found.end()
        elif not is_closing:
            opened.setdefault(name, []).append(found.start())
