"""One text under the eyes of rules: where its variables, its code and its quotations are."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import Final

from templates_app.linting.patterns import Match, Pattern, pattern
from templates_app.rendering.placeholders import Placeholder, placeholders

LOOKS: Final = 300
"""Places of one pattern that are looked at; five findings a rule are shown, so more is work for nothing."""
PLACES: Final = 20_000
FENCES: Final = 2_000
SAMPLE: Final = 4_000
"""Characters from which the language is told."""
SHARE: Final = 0.12
"""Function words among the words of English prose: hardly ever under a fifth, in other languages hardly any."""
WINDOW: Final = 300
"""Characters of a line that are looked at on either side of a place."""

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_FENCE: Final = pattern(r"(?m)^[ \t]*(?:`{3,}|~{3,})")
_CHARACTER_WORDS: Final = re.compile("[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3\u0e01-\u0e5b]")
_WORD: Final = re.compile(r"[^\W\d_]+")
_FUNCTION_WORDS: Final = re.compile(
    r"(?:an?|and|are|as|at|be|by|do|for|from|give|i[fnst]|into|its|me|my|no|not|o[fnr]|that|the|them|then|there|these"
    r"|this|to|use|what|when|which|who|with|without|write|your?)"
)
_SPOKEN: Final = re.compile(
    r"[\s>*#-]{0,8}(?:input|output|question|answer|text|message|user|human|customer|assistant|ai|bot|example|q|a)"
    r"[\w ]{0,12}[*_]{0,2}:",
    re.IGNORECASE,
)
_QUOTES: Final = frozenset("\"'`“”\u2018\u2019«»„")


class Text:
    """A field's text. Offsets are those of the text as it was given."""

    def __init__(self, field: str, text: str) -> None:
        self.field = field
        # Half a surrogate pair cannot be written as UTF-8, which RE2 reads; one character stays one character.
        self.text = _SURROGATE.sub("\ufffd", text)

    @cached_property
    def places(self) -> list[Placeholder]:
        """Variables and escapes, the first 20,000."""
        return list(islice(placeholders(self.text), PLACES))

    @cached_property
    def fences(self) -> list[Match]:
        """Lines that open or close a block of code."""
        return list(islice(_FENCE.finditer(self.text), FENCES))

    @cached_property
    def is_english(self) -> bool:
        """Whether rules that know English words may conclude something from their absence."""
        sample = self.text[:SAMPLE]
        found = [word.group().lower() for word in islice(_WORD.finditer(sample), 400)]
        if len(_CHARACTER_WORDS.findall(sample)) > len(
            found
        ):  # written without spaces: a word takes a character or two
            return False
        return bool(found) and sum(map(bool, map(_FUNCTION_WORDS.fullmatch, found))) >= SHARE * len(found)

    @cached_property
    def word_count(self) -> int:
        """Words as white space parts them."""
        return len(self.text.split())

    @cached_property
    def without_places(self) -> str:
        """What stands between the variables."""
        starts = [0, *(place.end for place in self.places)]
        ends = [*(place.start for place in self.places), len(self.text)]
        return "".join(self.text[start:end] for start, end in zip(starts, ends, strict=True))

    def find(self, wanted: Pattern, *, also_quoted: bool = False) -> Iterator[Match]:
        """Matches in the prose: not in code, not in a variable, not between quotation marks of their own."""
        for found in islice(wanted.finditer(self.text), LOOKS):
            if not self._is_apart(found.start()) and (also_quoted or not self._is_quoted(found)):
                yield found

    def is_said(self, position: int) -> bool:
        """Whether somebody else says it: inside quotation marks, or on a line of an example or a dialogue."""
        before, after = self.before(position), self.after(position)
        is_quoted = before.count('"') % 2 == 1 and '"' in after
        return is_quoted or before.count("“") > before.count("”") or _SPOKEN.match(before) is not None

    def has(self, wanted: Pattern) -> bool:
        """Whether it stands anywhere, code included."""
        return wanted.search(self.text) is not None

    def before(self, position: int) -> str:
        """The same line up to there, or its last 300 characters."""
        line = self.text.rfind("\n", max(0, position - WINDOW), position)
        return self.text[line + 1 if line >= 0 else max(0, position - WINDOW) : position]

    def after(self, position: int) -> str:
        """The rest of the line, or its next 300 characters."""
        return self.text[position : position + WINDOW].partition("\n")[0]

    def is_code(self, position: int) -> bool:
        """Whether it lies in a block of code."""
        index = bisect_right(self._code, (position, len(self.text))) - 1
        return index >= 0 and position < self._code[index][1]

    @cached_property
    def _code(self) -> list[tuple[int, int]]:
        pairs = zip(self.fences[::2], self.fences[1::2], strict=False)
        return [(opening.start(), closing.end()) for opening, closing in pairs]

    @cached_property
    def _apart(self) -> list[tuple[int, int]]:
        return sorted(self._code + [(place.start, place.end) for place in self.places])

    @cached_property
    def _reach(self) -> list[int]:
        """How far any of the spans up to this one reaches; a variable may stand inside code."""
        reach, furthest = [], 0
        for _, end in self._apart:
            furthest = max(furthest, end)
            reach.append(furthest)
        return reach

    def _is_apart(self, position: int) -> bool:
        index = bisect_right(self._apart, (position, len(self.text))) - 1
        return index >= 0 and position < self._reach[index]

    def _is_quoted(self, found: Match) -> bool:
        start, end = found.start(), found.end()
        return start > 0 and end < len(self.text) and {self.text[start - 1], self.text[end]} <= _QUOTES
