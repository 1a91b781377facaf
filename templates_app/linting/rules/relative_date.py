"""Today, whenever that is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.patterns import words
from templates_app.linting.registry import LintRule, register

_SPAN = r"(?:weeks?|months?|quarters?|years?|decades?)"
RELATIVE = words(
    r"today(?:['\x{2019}]s)?",
    r"yesterday(?:['\x{2019}]s)?",
    r"tomorrow(?:['\x{2019}]s)?",
    rf"(?:this|last|next|past|current) {_SPAN}",
    r"current (?:date|time|day|news|events|prices?|exchange rates?|weather|trends?)",
    r"(?:latest|newest|most recent) (?:version|news|data|research|release|figures|prices?)",
    r"(?:latest|newest|recent) (?:news|events|research|developments?|trends?|studies)",
    r"(?:right now|as of now|nowadays)",
)
DATED = re.compile(r"date|today|now|time|day|week|month|quarter|year|period|as_of|deadline", re.IGNORECASE)


@register("relative-date")
class RelativeDate(LintRule):
    """A time that depends on when the prompt is read, and no variable that tells it."""

    severity = Severity.WARNING
    title = "Time that the model does not know"
    reason = "A model knows neither today's date nor what happened since its training."
    advice = "Insert the date as a variable, and the recent facts with it or through a tool."
    example = "Today is {{today}}. List the deadlines of the next seven days."

    def check(self, draft: Draft) -> Iterator[Finding]:
        if any(DATED.search(name) for name in (*draft.variables, *draft.used_names)):
            return
        for text in draft.texts:
            for found in text.find(RELATIVE):
                message = f"“{found.group()}” depends on a date that the model is not told."
                yield self.finding(message, field=text.field, span=(found.start(), found.end()))
