"""A long prompt that says neither who speaks nor who listens."""

from __future__ import annotations

from collections.abc import Iterator

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.patterns import words
from templates_app.linting.registry import LintRule, register

LONG_ENOUGH = 120
"""Words."""
ROLE = words(
    r"you are",
    r"you're",
    r"act as",
    r"your (?:role|job|task) is",
    r"(?:as|like|be|become|with) (?:an?|the) (?:[\w-]+ ){0,4}(?:expert|editor|engineer|analyst|developer|writer"
    r"|specialist)",
    r"(?:role|persona|character|assistant|AI|chatbot|agent|mindset|expertise)s?",
    r"you(?: have|'ve| will be| work)",
    r"(?:application|app|website|web page|function|script|program|HTML5?|Python|JavaScript|SQL)",
    r"audience",
    r"readers?",
    r"written for",
    r"write for",
    r"addressed to",
)


@register("no-role")
class NoRole(LintRule):
    """The system prompt is empty, and a prompt of 120 words names no role and no reader."""

    severity = Severity.INFO
    title = "No role and no reader"
    reason = "Who answers for whom settles vocabulary, depth and tone in one sentence."
    advice = "Say in the system prompt who the model is and for whom it writes."
    example = "You are a patent attorney who writes for engineers without legal training."

    def check(self, draft: Draft) -> Iterator[Finding]:
        is_long = draft.prompt.word_count >= LONG_ENOUGH and not draft.system_prompt.text.strip()
        if is_long and draft.is_english and not draft.says(ROLE):
            yield self.finding("The prompt is long and says neither who answers nor for whom.")
