"""A variable about which only its author knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from templates_app.content import Variable
from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.inputs import words_of
from templates_app.linting.registry import LintRule, register
from templates_app.linting.vocabulary import vocabulary

NAMED: Final = 5
"""Variables that the message names."""
# Names that say nothing of what belongs there.
_EMPTY: Final = vocabulary("empty")


@register("undescribed-variable")
class UndescribedVariable(LintRule):
    """The description is empty; a variable that was only found in the text is left alone where its name speaks."""

    severity = Severity.INFO
    title = "Variable without a description"
    reason = "People and programs that fill it in see nothing but its name."
    advice = "Say in a sentence what belongs there, with its unit or an example."
    example = "deadline: “Last day on which an answer is of use, as YYYY-MM-DD.”"

    def check(self, draft: Draft) -> Iterator[Finding]:
        variables = draft.variables.values()
        is_described = any(variable.description.strip() for variable in variables)
        silent = [
            variable.name
            for variable in variables
            if not variable.description.strip()
            and (is_described or variable.name not in draft.inferred or not _speaks(variable, draft))
        ]
        if silent:
            more = f" and {len(silent) - NAMED} more" if len(silent) > NAMED else ""
            subject = "The variable" if len(silent) == 1 else "The variables"
            verb = "has" if len(silent) == 1 else "have"
            message = f"{subject} {', '.join(silent[:NAMED])}{more} {verb} no description."
            yield self.finding(message, field=f"variables.{silent[0]}")


def _speaks(variable: Variable, draft: Draft) -> bool:
    """Whether its name, or the words around its place, say what belongs there."""
    words = words_of(variable.name)
    if not words or set(words) <= _EMPTY or (len(variable.name) <= 2 and variable.name.isascii()):
        return False
    return not draft.is_plain or draft.has_words
