"""Somebody's text in the middle of an instruction."""

from __future__ import annotations

from collections.abc import Iterator

from templates_app.linting.delimiters import Delimiters
from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.inputs import Held, held_by
from templates_app.linting.registry import PLAIN_ONLY, LintRule, register
from templates_app.linting.text import Text
from templates_app.rendering.placeholders import Placeholder


@register("undelimited-input")
class UndelimitedInput(LintRule):
    """Somebody's text inside a sentence; alone on a line, fenced, quoted, tagged or led up to it is apart.

    A language, a name or a topic is a word of the sentence, and so is what a rule keeps short: these are left alone.
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
                if severity := self._severity(draft, text, place, delimiters):
                    message = f"The text of {place.name} stands in the middle of an instruction."
                    span = place.start, place.end
                    yield self.finding(message, field=text.field, span=span, severity=severity)

    def _severity(self, draft: Draft, text: Text, place: Placeholder, delimiters: Delimiters) -> Severity | None:
        held = held_by(draft.variables.get(place.name), before=text.before(place.start)) if place.name else Held.WORD
        if held is Held.WORD or delimiters.set_apart(place):
            return None
        if not delimiters.is_last(place):
            return Severity.WARNING
        # Nothing of ours comes after it: the model can hardly mistake where it ends.
        return Severity.INFO if held is Held.TEXT else None
