"""What was meant as a variable's place and is sent as it stands."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Fix, Severity
from templates_app.linting.patterns import pattern
from templates_app.linting.registry import PLAIN_ONLY, LintRule, register
from templates_app.linting.rules.jinja_in_plain_text import mark_at
from templates_app.linting.text import LOOKS, Text
from templates_app.partials import references
from templates_app.rendering.placeholders import name_like, name_of

OPENING = pattern(r"\{\{")
# One brace on either side, or one on one side only, as in other template languages.
SINGLE = pattern(r"\{{1,2}[ \t]{0,3}([^\s{}]{1,64})[ \t]{0,3}\}{1,2}")
LONGEST = 80
"""Characters between braces that could be meant as a name."""
WORDS = 4


@register("malformed-placeholder")
class MalformedPlaceholder(LintRule):
    """`{{` that begins no place, and a declared variable between single braces."""

    severity = Severity.WARNING
    title = "Malformed placeholder"
    reason = "Only {{name}} is replaced; anything else reaches the model as braces."
    advice = "Write {{name}} with letters, digits and underscores; write \\{{ where two braces are meant."
    example = "Dear {{customer_name}}, …"
    engines = PLAIN_ONLY

    def check(self, draft: Draft) -> Iterator[Finding]:
        for text in draft.texts:
            yield from self._openings(text)
            yield from self._single_braces(text, draft)

    def _openings(self, text: Text) -> Iterator[Finding]:
        known = {place.start if place.name else place.end - 2 for place in text.places}
        known |= {place.start + (0 if place.reference else 1) for place in islice(references.places(text.text), LOOKS)}
        for found in islice(OPENING.finditer(text.text), len(known) + LOOKS):
            start, end = found.start(), found.end()
            if start not in known and not mark_at(text.text, start):
                yield self._opening(text, start, end)

    def _opening(self, text: Text, start: int, end: int) -> Finding:
        """A finding at braces; with a name for what stands between them, where one could be meant."""
        inside, closing, _ = text.text[end : end + LONGEST].partition("}}")
        like = name_like(inside)
        is_near = closing and "{" not in inside and "\n" not in inside.strip() and len(inside.split()) <= WORDS
        if not is_near or not like or not _is_one_idea(inside):
            return self.finding("These braces open no variable.", field=text.field, span=(start, end))
        written = inside.strip()
        advice = f"Write {{{{{like}}}}}: a name has letters of any script, digits and underscores, and no other signs."
        if "." in written:
            advice += " For a part of an object, switch the engine to Jinja2."
        span = start, end + len(inside) + 2
        fix = Fix(f"Write {{{{{like}}}}}", text=f"{{{{{like}}}}}")
        return self.finding(f"{written} is no name of a variable.", field=text.field, span=span, advice=advice, fix=fix)

    def _single_braces(self, text: Text, draft: Draft) -> Iterator[Finding]:
        for found in islice(SINGLE.finditer(text.text), len(text.places) + LOOKS):
            start, end, name = found.start(), found.end(), name_of(found.group(1))
            braces = found.group().count("{"), found.group().count("}")
            if name in draft.variables and braces in {(1, 1), (1, 2)}:
                message = f"The variable {name} stands between single braces and is not replaced."
                fix = Fix(f"Turn {found.group()} into {{{{{name}}}}}", text=f"{{{{{name}}}}}")
                yield self.finding(message, field=text.field, span=(start, end), fix=fix)


def _is_one_idea(inside: str) -> bool:
    """Whether it holds but words with spaces, hyphens, dots and the like between them: no code, no sentence."""
    return not any(sign in inside for sign in "\"'`;:=<>,+*/\\()[]|?!$&")
