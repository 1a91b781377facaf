"""SENTENCES LIKE THIS."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.patterns import Match, pattern
from templates_app.linting.registry import LintRule, register
from templates_app.linting.text import Text
from templates_app.linting.vocabulary import vocabulary

LOUD: Final = pattern(r"(?:\p{Lu}[\p{Lu}'\x{2019}]+[ !]{1,3}){3}\p{Lu}[\p{Lu}'\x{2019}]+|!{3,}")
# Acronyms and SQL stand in rows too; these words hardly occur in such rows.
SPOKEN: Final = vocabulary("spoken")
_NEXT_WORD: Final = re.compile(r"[ !]{1,3}[^\W\d_][^\W\d_'\u2019]+")
LONGEST: Final = 500
"""Characters of a row that are looked at."""
SQL: Final = vocabulary("sql")


@register("shouting")
class Shouting(LintRule):
    """Four words or more in capitals, or three exclamation marks."""

    severity = Severity.INFO
    title = "Shouting"
    reason = "Emphasis makes models overdo one rule at the cost of the others, and capitals cost more tokens."
    advice = "Write it in ordinary letters, once, and say why it matters."
    example = "Return only the JSON: a program reads the answer."

    def check(self, draft: Draft) -> Iterator[Finding]:
        for text in draft.texts:
            for found in text.find(LOUD):
                end = found.end() if found.group().startswith("!") else _end_of_capitals(text, found)
                loud = text.text[found.start() : end]
                if loud.startswith("!") or (_is_spoken(loud) and not _is_heading(text, found.start(), end)):
                    message = "This is written in capitals or with many exclamation marks."
                    yield self.finding(message, field=text.field, span=(found.start(), end))
                    break


def _end_of_capitals(text: Text, found: Match) -> int:
    """Where the row of words in capitals ends; RE2 counts to three only, more makes it slow."""
    end = found.end()
    while (word := _NEXT_WORD.match(text.text, end)) and word.group().isupper() and end - found.start() < LONGEST:
        end = word.end()
    return end


def _is_spoken(loud: str) -> bool:
    said = set(loud.replace("!", " ").split())
    return bool(SPOKEN & said) and len(SQL & said) < 2


def _is_heading(text: Text, start: int, end: int) -> bool:
    """Whether it is all of a line that ends as headings do."""
    before, after = text.before(start).strip(), text.after(end).strip()
    is_marked = before.startswith(("#", "=", "<", "[", "*")) and not before.lstrip("#=<[* ")
    return is_marked or (not before and after.startswith(":"))
