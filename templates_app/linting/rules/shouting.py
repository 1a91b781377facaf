"""SENTENCES LIKE THIS."""

from __future__ import annotations

from collections.abc import Iterator

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.patterns import pattern
from templates_app.linting.registry import LintRule, register

LOUD = pattern(r"\b(?:[A-Z][A-Z']+[ !]{1,3}){3,30}[A-Z][A-Z']+\b|!{3,}")
# Acronyms and SQL stand in rows too; these words hardly occur in such rows.
SPOKEN = {
    "YOU",
    "YOUR",
    "THE",
    "THIS",
    "THAT",
    "NEVER",
    "ALWAYS",
    "MUST",
    "DO",
    "DON'T",
    "EVER",
    "ANY",
    "SHOULD",
    "ONLY",
}


@register("shouting")
class Shouting(LintRule):
    """Four words or more in capitals, or three exclamation marks."""

    severity = Severity.INFO
    title = "Shouting"
    reason = "Emphasis makes models overdo one rule at the cost of the others, and capitals cost more tokens."
    advice = "Write it in ordinary letters, once, and say why it matters."
    example = "Return only the JSON: a program reads the answer."

    def check(self, draft: Draft) -> Iterator[Finding]:
        for text in draft.texts:
            for found in text.find(LOUD):
                if found.group().startswith("!") or SPOKEN & set(found.group().replace("!", " ").split()):
                    message = "This is written in capitals or with many exclamation marks."
                    yield self.finding(message, field=text.field, span=(found.start(), found.end()))
