"""Be brief, and tell everything."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.patterns import pattern, words
from templates_app.linting.registry import LintRule, register
from templates_app.linting.text import LOOKS

_ASK = r"(?:be|keep it|keep (?:the|your) (?:answers?|reply|replies|responses?|texts?)|stay|answer|respond|reply|write)"
BRIEF = words(
    rf"{_ASK} (?:[a-z]+ ){{0,3}}(?:brief|briefly|concise|concisely|short|succinct|succinctly|terse)",
    r"in (?:one|a single|1) (?:sentence|line|word)",
    r"as (?:short|brief|concise) as possible",
    r"(?:at most|no more than|a maximum of|under|up to|fewer than) \d{1,2} words",
)
LONG = words(
    r"in (?:great |full |much |more |as much )?detail",
    r"as (?:long|detailed|much detail) as possible",
    r"(?:write|give|provide|be|produce) (?:[a-z]+ ){0,3}(?:detailed|comprehensive|exhaustive|thorough|in-depth)",
    r"(?:at least|no fewer than|a minimum of) \d{3,5} words",
)
BALANCED = words(
    r"(?:concise|brief|short|succinct),?(?: but| yet| and)? (?:[a-z]+ )?(?:comprehensive|thorough|detailed|complete)",
    r"(?:comprehensive|thorough|detailed),?(?: but| yet| and)? (?:[a-z]+ )?(?:concise|brief|short|succinct)",
    r"(?:not|never|avoid|without|don't) (?:[a-z]+ ){0,3}(?:detailed|comprehensive|exhaustive|thorough"
    r"|in[- ](?:depth|detail))",
)
ONE_TASK = 150
"""Words."""
_UNIT = r"(\d{1,6}) (word|sentence|paragraph|item|bullet)"
FLOOR = pattern(rf"(?i)\b(?:at least|no fewer than|a minimum of) {_UNIT}")
CEILING = pattern(rf"(?i)\b(?:at most|no more than|a maximum of|up to|fewer than|under) {_UNIT}")


@register("conflicting-length")
class ConflictingLength(LintRule):
    """One instruction asks for little, another for much; or a least is above a most."""

    severity = Severity.WARNING
    title = "Conflicting lengths"
    reason = "The model obeys one of them, and not always the same."
    advice = "Decide on one length and give it as a number."
    example = "Answer in at most 120 words; give the figures, leave out how they were found."

    def check(self, draft: Draft) -> Iterator[Finding]:
        brief = next((found for text in draft.texts for found in text.find(BRIEF)), None)
        # In a long prompt the two mostly belong to different parts of the work.
        is_one_task = sum(text.word_count for text in draft.texts) <= ONE_TASK
        severity = Severity.WARNING if is_one_task else Severity.INFO
        for text in draft.texts:
            for found in text.find(LONG):
                if (
                    brief is not None
                    and BALANCED.search(text.text[max(0, found.start() - 40) : found.end() + 40]) is None
                ):
                    message = f"“{found.group()}” is at odds with “{brief.group()}”."
                    span = found.start(), found.end()
                    yield self.finding(message, field=text.field, span=span, severity=severity)
                    return
        yield from self._numbers(draft)

    def _numbers(self, draft: Draft) -> Iterator[Finding]:
        """Only where a text names one least and one most of a thing: more of them belong to several parts."""
        for text in draft.texts:
            floors = list(islice(FLOOR.finditer(text.text), LOOKS))
            ceilings = list(islice(CEILING.finditer(text.text), LOOKS))
            for floor in floors if len(floors) == len(ceilings) == 1 else ():
                ceiling = ceilings[0]
                is_same = floor.group(2).lower() == ceiling.group(2).lower()
                if is_same and int(floor.group(1)) > int(ceiling.group(1)):
                    message = f"“{floor.group()}s” is more than “{ceiling.group()}s”."
                    yield self.finding(message, field=text.field, span=(floor.start(), floor.end()))
