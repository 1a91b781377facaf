"""What not to do, and nothing instead."""

from __future__ import annotations

import re
from collections.abc import Iterator

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.patterns import Match, sentence_start, words
from templates_app.linting.registry import LintRule, register
from templates_app.linting.text import Text

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

OTHERWISE = words(
    r"instead",
    r"rather",
    r"prefer",
    r"only",
    r"just",
    r"nothing else",
    r"(?:use|keep|be|sound|stay|speak) (?:an?|the|in|with|[a-z]+)",
    r"(?:write|answer|reply|respond) (?:in|as|like|with|at|only|clearly|simply|plainly)",
)
# "Do not write explanations" leaves something out of the answer: there is nothing to put in its place.
CONTENT = re.compile(
    r"\s*(?:any |an? |the |your |my |more |additional |other )*(?:\w+ )?(?:explanations?|comments?|code"
    r"|anything|introductions?|preamble|notes"
    r"|warnings?|disclaimers?|tools?|commands?|functions?|libraries|text|prose|markdown|bold|italics?|emojis?|words?)\b",
    re.IGNORECASE,
)
NEARBY = 250
"""Characters."""


@register("negative-only")
class NegativeOnly(LintRule):
    """A manner is forbidden, and neither that sentence nor those around it name another.

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
                if INSTEAD.search(rest) or CONTENT.match(rest) or self._is_told_nearby(text, found):
                    continue
                message = "This forbids a manner and names no other."
                yield self.finding(message, field=text.field, span=(found.start(1), found.end(1)))
                break

    def _is_told_nearby(self, text: Text, found: Match) -> bool:
        """Whether the lines around say what the answer is to be: a list of rules is read as a whole."""
        before = text.text[max(0, found.start(1) - NEARBY) : found.start(1)].rpartition("\n\n")[2]
        after = text.text[found.end(1) : found.end(1) + NEARBY].partition("\n\n")[0].partition(" ")[2].partition(" ")[2]
        return OTHERWISE.search(before) is not None or OTHERWISE.search(after) is not None
