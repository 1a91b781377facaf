"""What stands for which value in one execution: `[EMAIL_1]` for the first address, wherever it stands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

import orjson

from privacy.masking.rules import Detector

LONGEST: Final = 64
"""Signs of a placeholder, with those that a model may have escaped."""
SHAPE: Final = re.compile(r"\[[A-Z](?:[A-Z0-9]|\\?_){0,60}\]")
"""Placeholders, ours and those that people write; models put a backslash before `_` in Markdown."""


def plain(written: str) -> str:
    """A placeholder as we write it."""
    return written.replace("\\", "")


class Placeholders:
    """Makes them, and knows them again.

    Every text of the execution is shown first (`reserve`): what stands there in a placeholder's form is somebody's own
    words, and is never made, so that it comes through as it is. A placeholder has its only `[` in front, so that it
    cannot arise by accident where masked and other text meet: `restored` gives every text back that was masked.
    """

    def __init__(self, detector: Detector) -> None:
        self.counts: Counter[str] = Counter()
        """How often something of each kind was masked."""
        self.detector = detector
        self._reserved: set[str] = set()
        self._by_value: dict[tuple[str, str], str] = {}
        self._values: dict[str, str] = {}
        self._numbers: Counter[str] = Counter()

    def __bool__(self) -> bool:
        return bool(self._values)

    def reserve(self, texts: Iterable[str]) -> None:
        """Takes what is written in a placeholder's form in these texts as their own."""
        for text in texts:
            if "[" in text:
                self._reserved.update(plain(written) for written in SHAPE.findall(text))

    def masked(self, text: str) -> str:
        """The text with placeholders."""
        pieces, end = [], 0
        for start, stop, kind in self.detector.finds(text):
            self.counts[kind.lower()] += 1
            pieces += [text[end:start], self._of(kind, text[start:stop])]
            end = stop
        return "".join([*pieces, text[end:]]) if pieces else text

    def _of(self, kind: str, value: str) -> str:
        known = self._by_value.get((kind, value))
        if known is None:
            known = self._by_value[kind, value] = self._next(kind)
            self._values[known] = value
        return known

    def _next(self, kind: str) -> str:
        while True:
            self._numbers[kind] += 1
            placeholder = f"[{kind}_{self._numbers[kind]}]"
            if placeholder not in self._reserved:
                return placeholder

    def value(self, written: str) -> str | None:
        """What a placeholder stands for; None where it is none of ours."""
        return self._values.get(plain(written))

    def in_json(self, value: str) -> str:
        """A value as it stands within a string of JSON; one that was found in such a string stands there already."""
        return value if "\\" in value and self._is_escaped(value) else orjson.dumps(value).decode()[1:-1]

    def _is_escaped(self, value: str) -> bool:
        try:
            meant: str = orjson.loads(f'"{value}"')
        except orjson.JSONDecodeError:
            return False
        return any(find.end - find.start == len(meant) for find in self.detector.finds(meant))

    def restored(self, text: str) -> str:
        """The text with what stood there."""
        if not self._values or "[" not in text:
            return text
        return SHAPE.sub(lambda match: self._values.get(plain(match.group()), match.group()), text)
