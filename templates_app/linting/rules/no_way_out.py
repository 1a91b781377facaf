"""An answer at any price."""

from __future__ import annotations

from collections.abc import Iterator

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.patterns import sentence_start
from templates_app.linting.registry import LintRule, register
from templates_app.linting.wording import WAY_OUT

FROM_INPUT = sentence_start(
    r"extract",
    r"classify",
    r"categori[sz]e",
    r"identify",
    r"answer (?:the|this|each|my|a|their) [a-z' ]{0,30}questions?",
    r"(?:based (?:only |solely )?on|according to|using only) (?:the|this|these)",
    r"find (?:the|all|every)",
    r"look up",
)


@register("no-way-out")
class NoWayOut(LintRule):
    """Something is to be found in an input, and nothing says what to answer when it is not there."""

    severity = Severity.INFO
    title = "No answer for the unknown"
    reason = "Where “not stated” is no permitted answer, models make one up."
    advice = "Say what to answer when the input does not hold it."
    example = "If the contract names no date, return null for end_date."

    def check(self, draft: Draft) -> Iterator[Finding]:
        has_input = any(place.name for text in draft.texts for place in text.places) or not draft.is_plain
        if not has_input or not draft.is_english or draft.says(WAY_OUT):
            return
        for text in draft.of_user:
            for found in text.find(FROM_INPUT):
                message = "Nothing says what to answer when the input does not hold it."
                yield self.finding(message, field=text.field, span=(found.start(1), found.end(1)))
                return
