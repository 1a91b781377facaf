"""Text without an end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.patterns import sentence_start, words
from templates_app.linting.registry import LintRule, register
from templates_app.linting.wording import NAMES_A_LENGTH, TALKS

_PROSE: Final = (
    r"(?:article|essay|report|story|stories|blog post|post|text|overview|analysis|guide|chapter|section|speech"
    r"|piece|paper"
    r"|biography|history|summary|introduction|review|tutorial|newsletter|script|white ?paper|documentation|description)"
)
# A poem, a name, a tweet or a function has a length by its kind; prose has none.
WRITES: Final = sentence_start(
    rf"(?:please )?(?:write|draft|compose) (?:(?:me|us) )?(?:an?|the|my|our) (?:[\w-]+ ){{0,4}}{_PROSE}",
    r"(?:please )?(?:write|draft|compose) (?:(?:something|everything) )?(?:about|on)",
    r"(?:please )?summari[sz]e",
)
EXPLAINS: Final = sentence_start(
    r"(?:please )?(?:describe|explain|discuss|elaborate on) (?:the|an?|what|how|why|this|\{\{)",
    r"tell me (?:all )?about",
)
IS_CODE: Final = words(
    r"JSON", r"YAML", r"XML", r"HTML", r"CSV", r"SQL", r"code", r"regex", r"function", r"script", r"tests?"
)
GUIDED: Final = 60
"""Words; a longer prompt says so much about the text that its length is not left to chance."""


@register("unbounded-length")
class UnboundedLength(LintRule):
    """Text is to be written, and nothing says how much; `max_tokens` alone cuts it off in the middle."""

    severity = Severity.WARNING
    title = "No length named"
    reason = "The model chooses a length of its own, which costs time and money and differs from run to run."
    advice = "Name the length in words, sentences or items, and set max_tokens well above it."
    example = "Summarise the text in at most three sentences."

    def check(self, draft: Draft) -> Iterator[Finding]:
        if not draft.is_english or any(map(draft.says, (NAMES_A_LENGTH, TALKS, IS_CODE))):
            return
        is_cut = "max_tokens" in draft.content.parameters
        message = "max_tokens cuts the answer, and no length is asked for." if is_cut else "No length is asked for."
        is_open = not is_cut and sum(text.word_count for text in draft.texts) <= GUIDED
        for text in draft.of_user:
            for wanted in (WRITES, EXPLAINS):
                for found in text.find(wanted):
                    severity = Severity.WARNING if is_open and wanted is WRITES else Severity.INFO
                    span = found.start(1), found.start(1) + len(found.group(1).split()[0])
                    yield self.finding(message, field=text.field, span=span, severity=severity)
                    return
