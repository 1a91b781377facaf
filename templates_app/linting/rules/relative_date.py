"""Today, whenever that is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.inputs import words_of
from templates_app.linting.patterns import pattern, words
from templates_app.linting.registry import LintRule, register
from templates_app.linting.vocabulary import vocabulary
from templates_app.linting.wording import TALKS

_SPAN: Final = r"(?:weeks?|months?|quarters?|years?|decades?)"
RELATIVE: Final = words(
    r"today['\x{2019}]s",
    r"(?:as of|until|till|before|after|since|by|for|from) (?:today|yesterday|tomorrow)",
    r"(?:happened|happens|happening|due|open|new|published|planned|scheduled|going on) (?:today|yesterday|tomorrow)",
    r"yesterday(?:['\x{2019}]s)?",
    r"tomorrow(?:['\x{2019}]s)?",
    rf"(?:this|last|next|past|current) {_SPAN}",
    r"current (?:date|time|day|news|prices?|exchange rates?|weather)",
    r"(?:latest|newest|most recent) (?:version|news|data|release|figures|prices?)",
)
LONG: Final = 100
"""Words."""
TODAY: Final = words(r"today")
# A manner of speaking, or what a role is up to date with: hardly ever a question for the day.
LOOSE: Final = words(
    r"(?:latest|newest|recent|current) (?:research|developments?|trends?|studies|events|news)",
    r"(?:right now|as of now|nowadays)",
)
_IDIOM: Final = words(
    r"(?:in|of) today['\x{2019}]s (?:world|society|market|digital|fast-paced|age|times?|conversation|lesson)",
    r"(?:world|people|society|life|business|industry|used|markets?) today",
    r"today (?:we|you|i|let)",
    r"today['\x{2019}]s (?:dollars?|euros?|money)",
    r"current time(?:/| (?:allocation|management|usage|use|spent|commitments|complexity|series))",
    r"(?:what|how) (?:can|may|do|would|are|have) (?:i|we|you)\b[^.?\n]{0,40} today",
)
# The date is told here, or something that looks it up is at hand.
_TOLD: Final = pattern(
    r"(?i)\b(?:today(?:['\x{2019}]s)?|current|the|knowledge) (?:date|day|time|cutoff)?[ \t]*(?:is|:|=)"
    r"[ \t]*[\w{<\[$\x{2019}]|\btoday is\b"
    r"|[{<\[$](?:[^{}<>\n]{0,40}[^A-Za-z{}<>\n])?(?:date|time|today|now)(?:[^A-Za-z{}<>\n][^{}<>\n]{0,40})?[}>\]]"
)
_PROGRAM: Final = r"(?:script|program|function|application|widget|website|page|query)"
_LOOKS_UP: Final = words(
    r"(?:web[ -]?)?search(?:es|ing)?",
    r"brows(?:e|er|ing)",
    r"APIs?",
    r"(?:use|using|call|with|your|available) (?:the |your |these |following )?(?:[\w-]+ )?tools?",
    r"(?:the|on) (?:internet|web)",
    r"dashboards?",
    r"system date",
    r"(?:my|our|the|your) (?:calendar|inbox|outlook|teams)",
    r"Outlook",
    rf"(?:the|this|a|an|my|our|attached|following|uploaded) {_PROGRAM}",
)
_DATES: Final = vocabulary("dates")


@register("relative-date")
class RelativeDate(LintRule):
    """A time that depends on when the prompt is read, and no variable that tells it."""

    severity = Severity.WARNING
    title = "Time that the model does not know"
    reason = "A model knows neither today's date nor what happened since its training."
    advice = "Insert the date as a variable, and the recent facts with it or through a tool."
    example = "Today is {{today}}. List the deadlines of the next seven days."

    def check(self, draft: Draft) -> Iterator[Finding]:
        names = (*draft.variables, *draft.used_names)
        if any(_DATES & set(words_of(name)) or name.endswith("as_of") for name in names) or draft.content.tools:
            return
        if draft.says(_TOLD) or draft.says(_LOOKS_UP):
            return
        # In a talk, or by the way in a long prompt, nobody asks the model for the day.
        is_long = sum(text.word_count for text in draft.texts) > LONG
        bare = Severity.INFO if is_long or draft.says(TALKS) else Severity.WARNING
        for text in draft.texts:
            idioms = {found.end() for found in text.find(_IDIOM)} | {found.start() for found in text.find(_IDIOM)}
            for wanted, severity in ((RELATIVE, Severity.WARNING), (TODAY, bare), (LOOSE, Severity.INFO)):
                for found in text.find(wanted):
                    if not idioms & {found.start(), found.end()} and not text.is_said(found.start()):
                        message = f"“{found.group()}” depends on a date that the model is not told."
                        span = found.start(), found.end()
                        yield self.finding(message, field=text.field, span=span, severity=severity)
                        break
