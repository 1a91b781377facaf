"""What not to do, and nothing instead."""

from __future__ import annotations

from collections.abc import Iterator

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.patterns import sentence_start, words
from templates_app.linting.registry import LintRule, register

MANNER = (
    r"(?:use|be|write|sound|say|speak|talk|start|begin|end|answer|respond|reply|format|act|act like|get|go|make it)"
)
FORBIDS = sentence_start(
    rf"(?:do not|don['\x{2019}]t|never|you must not|you should not|avoid) {MANNER}", r"avoid [a-z]+ing"
)
INSTEAD = words(
    r"instead",
    r"but",
    r"only",
    r"rather",
    r"prefer",
    r"use",
    r"write",
    r"always",
    r"if",
    r"unless",
    r"except",
    r"say",
    r"keep",
    r"answer",
    r"begin",
    r"start",
    r"be",
)


@register("negative-only")
class NegativeOnly(LintRule):
    """A manner is forbidden, and neither that sentence nor the next one names another.

    Prohibitions of content, such as "do not invent figures", need no substitute and are left alone.
    """

    severity = Severity.INFO
    title = "Only what not to do"
    reason = "A model follows what it is told to do more reliably than what it is told to leave."
    advice = "Say what to do instead."
    example = "Do not use jargon; use words that a customer would use."

    def check(self, draft: Draft) -> Iterator[Finding]:
        for text in draft.texts:
            for found in text.find(FORBIDS):
                rest = text.after(found.end(1))
                if INSTEAD.search(rest) is None:
                    message = "This forbids a manner and names no other."
                    yield self.finding(message, field=text.field, span=(found.start(1), found.end(1)))
