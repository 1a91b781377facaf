"""A border that opens and never closes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.patterns import Match, pattern
from templates_app.linting.registry import LintRule, register
from templates_app.linting.text import FENCES, LOOKS, SAMPLE, Text

LONE_TAG = pattern(r"(?m)^[ \t]*<([A-Za-z][\w-]{0,40})>[ \t\r]*$")
LONGEST_LABEL = 80
VOID = frozenset({"br", "hr", "p", "li", "img", "input"})


@register("unclosed-border")
class UnclosedBorder(LintRule):
    """A block of code without its second fence, or a tag on a line of its own without its partner."""

    severity = Severity.WARNING
    title = "Border never closed"
    reason = "Everything after it belongs to the input, your instructions too."
    advice = "Close it after the input, or remove it."
    example = "<document>\n{{document}}\n</document>\nName the three main claims."

    def check(self, draft: Draft) -> Iterator[Finding]:
        for text in draft.texts:
            if (
                len(text.fences) % 2
                and len(text.fences) < FENCES
                and not self._is_for_the_model(text, text.fences[-1].end())
            ):
                fence = text.fences[-1]
                message = "This block of code is not closed."
                yield self.finding(message, field=text.field, span=(fence.start(), fence.end()))
            yield from self._tags(text)

    def _tags(self, text: Text) -> Iterator[Finding]:
        last: dict[str, int] = {}
        for found in islice(LONE_TAG.finditer(text.text), LOOKS):
            name = found.group(1)
            if name not in last:
                last[name] = text.text.rfind(f"</{name}>")
            is_open = last[name] < found.end() and name not in VOID and not text.is_code(found.start())
            if is_open and not _is_field(text, found) and not self._is_for_the_model(text, found.end()):
                span = found.start(), found.end()
                yield self.finding("This tag is not closed.", field=text.field, span=span)

    def _is_for_the_model(self, text: Text, position: int) -> bool:
        """Whether a text ends with the border that it opens: the model goes on, and closes it."""
        return not text.text[position : position + SAMPLE].strip().strip("abcdefghijklmnopqrstuvwxyz")


def _is_field(text: Text, found: Match) -> bool:
    """Whether it stands for a value: "FROM:" above it, and nothing below."""
    above = text.text[max(0, found.start() - LONGEST_LABEL) : found.start()].rstrip()
    return above.endswith(":") and not text.after(found.end() + 1).strip()
