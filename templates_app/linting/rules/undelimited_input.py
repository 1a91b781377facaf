"""Somebody's text in the middle of an instruction."""

from __future__ import annotations

from collections.abc import Iterator

from templates_app.linting.delimiters import Delimiters
from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.registry import PLAIN_ONLY, LintRule, register


@register("undelimited-input")
class UndelimitedInput(LintRule):
    """A variable of free text inside a sentence; alone on a line, fenced, quoted, tagged or labelled it is apart.

    Values that a rule keeps short or to a choice are words of the sentence, not texts, and are left alone.
    """

    severity = Severity.WARNING
    title = "Input not set apart"
    reason = "What is inserted can hold instructions; without a border the model takes them for yours."
    advice = "Put it between tags or on lines of its own; give a short value a max_length or an enum instead."
    example = "Summarise the review between the tags in one sentence.\n<review>\n{{review}}\n</review>"
    engines = PLAIN_ONLY

    def check(self, draft: Draft) -> Iterator[Finding]:
        for text in draft.of_user:
            delimiters = Delimiters(text)
            for place in text.places:
                if place.name and draft.holds_free_text(place.name) and not delimiters.enclose(place):
                    message = f"The text of {place.name} stands in the middle of an instruction."
                    yield self.finding(message, field=text.field, span=(place.start, place.end))
