"""The same paragraph twice."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.patterns import pattern
from templates_app.linting.registry import LintRule, register

PARAGRAPH = pattern(r"[^\s][^\n]*(?:\n[ \t]*[^\s][^\n]*)*")
WORD = pattern(r"\pL")
SHORTEST = 40
"""Characters; a shorter one is a heading or a separator."""
LEADS_IN = (":", "\uff1a")
"""A heading of several parts."""
MOST = 5_000


@register("duplicate-paragraph")
class DuplicateParagraph(LintRule):
    """A paragraph that stands in the texts before, but for white space and capitals."""

    severity = Severity.WARNING
    title = "Duplicate paragraph"
    reason = "It costs tokens, and later changes are made to one of the two."
    advice = "Keep it once, where it is needed last."
    example = "State a rule once: in the system prompt when it holds for every request."

    def check(self, draft: Draft) -> Iterator[Finding]:
        seen: set[str] = set()
        for text in draft.texts:
            for found in islice(PARAGRAPH.finditer(text.text), MOST):
                paragraph = " ".join(found.group().casefold().split())
                if (
                    len(paragraph) < SHORTEST
                    or not WORD.search(paragraph)
                    or paragraph.endswith(LEADS_IN)
                    or text.is_code(found.start())
                ):
                    continue
                if paragraph in seen and not text.is_said(found.end()):
                    span = found.start(), found.end()
                    yield self.finding("This paragraph stands further up already.", field=text.field, span=span)
                seen.add(paragraph)
