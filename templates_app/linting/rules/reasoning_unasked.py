"""A sum asked for at one blow."""

from __future__ import annotations

from collections.abc import Iterator

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.patterns import sentence_start, words
from templates_app.linting.registry import LintRule, register

REASONS = sentence_start(r"calculate", r"compute", r"prove", r"solve", r"deduce", r"work out", r"how many", r"how much")
LEAVES_ROOM = words(
    r"steps?",
    r"reason(?:ing)?",
    r"working",
    r"work through",
    r"explain",
    r"rationale",
    r"derivation",
    r"formula",
    r"show",
    r"justify",
    r"check",
    r"proof",
)


@register("reasoning-unasked")
class ReasoningUnasked(LintRule):
    """Arithmetic or logic without a word about the way to the answer."""

    severity = Severity.INFO
    title = "Reasoning not asked for"
    reason = "Answers to arithmetic and logic are more often right when the steps are written before the result."
    advice = "Ask for the steps first, or set reasoning_effort for a model that thinks by itself."
    example = "Calculate the total cost. Write the steps first, then the result on the last line."

    def check(self, draft: Draft) -> Iterator[Finding]:
        if draft.says(LEAVES_ROOM) or draft.content.parameters.get("reasoning_effort"):
            return
        for text in draft.of_user:
            for found in text.find(REASONS):
                message = "A result is asked for, and no way to it."
                yield self.finding(message, field=text.field, span=(found.start(1), found.end(1)))
                return
