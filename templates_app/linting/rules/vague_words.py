"""Words that leave the decision to the model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.patterns import Match, pattern, sentence_start
from templates_app.linting.registry import LintRule, register

_HOW: Final = r"(?:tone|style|format|length|way|manner|level|amount|number)"
VAGUE: Final = pattern(
    r"(?i)\b(?:(some kind of|some sort of|sort of thing|stuff|somehow|nice|nicely|decent|(?:be|make it|something) good"
    r"|good quality|as needed|a bit (?:longer|shorter|more|less|better)|a couple of)"
    rf"|(appropriate|proper|suitable|adequate) {_HOW})\b"
)
SOME: Final = sentence_start(
    r"(?:please )?(?:write|give|list|add|include|provide|suggest|name|find|generate|create)(?: me)? some"
)
# In a short prompt these are all there is to go by; in a long one they are ordinary words of prose.
LOOSE: Final = pattern(
    r"(?i)\b(etc\b\.?|and so on|and so forth|various|appropriate(?:ly)?|properly?|as necessary|if possible|somewhat"
    r"|interesting|kind of)\b"
)
SHORT: Final = 40
"""Words."""


@register("vague-words")
class VagueWords(LintRule):
    """A word whose meaning differs from reader to reader."""

    severity = Severity.INFO
    title = "Vague word"
    reason = "What is good, some or appropriate is decided anew in every run."
    advice = "Replace it by a number, a criterion or an example."
    example = "List five risks, each with a cause and a measure.  (instead of “list some risks”)"

    def check(self, draft: Draft) -> Iterator[Finding]:
        is_short = sum(text.word_count for text in draft.texts) <= SHORT
        for text in draft.texts:
            wanted = (VAGUE, SOME, LOOSE) if is_short else (VAGUE, SOME)
            for start, end in apart([each for one in wanted for each in text.find(one)]):
                message = f"“{text.text[start:end]}” leaves open what is meant."
                yield self.finding(message, field=text.field, span=(start, end))


def apart(found: list[Match]) -> Iterator[tuple[int, int]]:
    """Where the words stand, in the text's order; of those that overlap the first."""
    past = 0
    for start, end in sorted(each.span(each.lastindex or 0) for each in found):
        if start >= past:
            past = end
            yield start, end
