"""Words that leave the decision to the model."""

from __future__ import annotations

from collections.abc import Iterator

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.patterns import pattern
from templates_app.linting.registry import LintRule, register

VAGUE = pattern(
    r"(?i)\b(?:etc\b\.?|and so on|and so forth|some kind of|some sort of|sort of|kind of|stuff|somehow|somewhat|various"
    r"|appropriate(?:ly)?|proper|properly|nice|nicely|decent|as needed|as necessary|if possible|a bit|a couple of"
    r"|(?:a|be|make it|something) good|good quality|interesting"
    r"|(?:write|give|list|add|include|provide|suggest|name|find|generate|create)(?: me)? some)\b"
)


@register("vague-words")
class VagueWords(LintRule):
    """A word whose meaning differs from reader to reader."""

    severity = Severity.INFO
    title = "Vague word"
    reason = "What is good, some or appropriate is decided anew in every run."
    advice = "Replace it by a number, a criterion or an example."
    example = "List five risks, each with a cause and a measure.  (instead of “list some risks”)"

    def check(self, draft: Draft) -> Iterator[Finding]:
        for text in draft.texts:
            for found in text.find(VAGUE):
                message = f"“{found.group()}” leaves open what is meant."
                yield self.finding(message, field=text.field, span=(found.start(), found.end()))
