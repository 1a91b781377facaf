"""What was meant as a variable's place and is sent as it stands."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.patterns import pattern
from templates_app.linting.registry import PLAIN_ONLY, LintRule, register
from templates_app.linting.text import LOOKS, Text
from templates_app.partials import references

OPENING = pattern(r"\{\{")
# One brace on either side, or one on one side only, as in other template languages.
SINGLE = pattern(r"\{{1,2}[ \t]{0,3}([A-Za-z_][A-Za-z0-9_]{0,63})[ \t]{0,3}\}{1,2}")


@register("malformed-placeholder")
class MalformedPlaceholder(LintRule):
    """`{{` that begins no place, and a declared variable between single braces."""

    severity = Severity.WARNING
    title = "Malformed placeholder"
    reason = "Only {{name}} is replaced; anything else reaches the model as braces."
    advice = "Write {{name}} with letters, digits and underscores; write \\\\{{ where two braces are meant."
    example = "Dear {{customer_name}}, …"
    engines = PLAIN_ONLY

    def check(self, draft: Draft) -> Iterator[Finding]:
        for text in draft.texts:
            yield from self._openings(text)
            yield from self._single_braces(text, draft)

    def _openings(self, text: Text) -> Iterator[Finding]:
        known = {place.start + (0 if place.name else 1) for place in text.places}
        known |= {place.start + (0 if place.reference else 1) for place in islice(references.places(text.text), LOOKS)}
        for found in islice(OPENING.finditer(text.text), len(known) + LOOKS):
            start, end = found.start(), found.end()
            if start not in known:
                yield self.finding("These braces open no variable.", field=text.field, span=(start, end))

    def _single_braces(self, text: Text, draft: Draft) -> Iterator[Finding]:
        for found in islice(SINGLE.finditer(text.text), len(text.places) + LOOKS):
            start, end, name = found.start(), found.end(), found.group(1)
            braces = found.group().count("{"), found.group().count("}")
            if name in draft.variables and braces in {(1, 1), (1, 2)}:
                message = f"The variable {name} stands between single braces and is not replaced."
                yield self.finding(message, field=text.field, span=(start, end))
