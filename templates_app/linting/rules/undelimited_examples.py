"""Examples that run into each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.patterns import pattern
from templates_app.linting.registry import LintRule, register
from templates_app.linting.text import LOOKS, Text

BEGINS = pattern(r"(?im)^[ \t]*(example|input|question|text|q)(?: ?\d{1,2})?[ \t]*:")
ANSWERS = pattern(r"(?im)^[ \t]*(?:output|answer|label|result|response|a)(?: ?\d{1,2})?[ \t]*:")
BORDER = pattern(r"^\s*(?:[-=*#_~]{3,}.*|</?[A-Za-z][^<>]*>|`{3,}.*|#{1,6} .*)?\s*$")

LINES = 12
"""Of an answer."""


@register("undelimited-examples")
class UndelimitedExamples(LintRule):
    """Two pairs of input and output without a blank line or a border between them."""

    severity = Severity.WARNING
    title = "Examples without borders"
    reason = "The model cannot tell where one example ends, and mixes one's answer with the next one's question."
    advice = "Part examples by a blank line, by --- or by tags."
    example = "<example>\nInput: …\nOutput: …\n</example>"

    def check(self, draft: Draft) -> Iterator[Finding]:
        for text in draft.texts:
            if text.has(ANSWERS):
                yield from self._examples(text)

    def _examples(self, text: Text) -> Iterator[Finding]:
        seen: Counter[str] = Counter()
        for found in islice(BEGINS.finditer(text.text), LOOKS):
            label = found.group(1).lower()
            seen[label] += 1
            line_end = found.start() - 1
            if seen[label] > 1 and line_end >= 0 and self._follows_an_answer(text, line_end):
                message = "This example begins right after the one before."
                yield self.finding(message, field=text.field, span=(found.start(), found.end()))

    def _follows_an_answer(self, text: Text, line_end: int) -> bool:
        """Whether an answer stands above without a border between; "Context:" above is the example's own beginning."""
        for _ in range(LINES):
            line = text.before(line_end)
            if BORDER.search(line) is not None or line.rstrip().endswith(":") or text.is_code(line_end):
                return False
            if ANSWERS.search(line) is not None:
                return True
            line_end -= len(line) + 1
            if line_end < 0:
                break
        return False
