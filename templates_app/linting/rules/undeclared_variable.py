"""A place in the text for which no value can come."""

from __future__ import annotations

from collections.abc import Iterator

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.registry import PLAIN_ONLY, LintRule, register


@register("undeclared-variable")
class UndeclaredVariable(LintRule):
    """`{{name}}` stands in the text and not among the variables."""

    severity = Severity.ERROR
    title = "Used but not declared"
    reason = "A place without a variable has no type and no description, and nobody is asked for its value."
    advice = "Declare the variable, correct its name, or write \\{{ where two braces are meant."
    example = "Translate into {{language}}: …  (variables: language, string, “the language to translate into”)"
    engines = PLAIN_ONLY

    def check(self, draft: Draft) -> Iterator[Finding]:
        seen: set[str] = set(draft.variables)
        for text in draft.texts:
            for place in text.places:
                if place.name and place.name not in seen:
                    seen.add(place.name)
                    message = f"The variable {place.name} is used here and not declared."
                    yield self.finding(message, field=text.field, span=(place.start, place.end))
