"""Characters that nobody sees and the model reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.patterns import Match, pattern
from templates_app.linting.registry import LintRule, register
from templates_app.linting.text import LOOKS

# Zero-width space, word joiner, byte order mark, directions (the "Trojan Source" characters) and, after no flag
# that they spell, tags. Joiners stay out: emoji and Persian need them.
INVISIBLE = pattern(
    r"[\x{200B}\x{2060}\x{FEFF}\x{202A}-\x{202E}\x{2066}-\x{2069}]+|\x{1F3F4}[\x{E0020}-\x{E007F}]+|[\x{E0001}-\x{E007F}]+"
)
FLAG = "\U0001f3f4"
AROUND = 40
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u2066\u2067\u2068\u2069")
"""Those that turn nothing around: the overrides are no part of any script."""


@register("invisible-characters")
class InvisibleCharacters(LintRule):
    """Characters without a shape, which can carry instructions past a reader's eyes."""

    severity = Severity.WARNING
    title = "Invisible characters"
    reason = "The model reads them: words are cut apart, and hidden instructions come along with pasted text."
    advice = "Delete them; typing the passage anew is the surest way."
    example = "Text that was pasted without formatting."

    def check(self, draft: Draft) -> Iterator[Finding]:
        for text in draft.texts:
            for found in islice(INVISIBLE.finditer(text.text), LOOKS):
                if not found.group().startswith(FLAG) and not _is_in_place(text.text, found):
                    message = f"There are {len(found.group())} characters here that nobody sees."
                    yield self.finding(message, field=text.field, span=(found.start(), found.end()))


def _is_in_place(text: str, found: Match) -> bool:
    """Whether the script of the text needs it: breaks between words in Thai and its kin, directions beside Arabic."""
    around = text[max(0, found.start() - AROUND) : found.end() + AROUND]
    if set(found.group()) == {"\u200b"}:
        return _UNSPACED.search(around) is not None
    return set(found.group()) <= _DIRECTIONS and _RIGHT_TO_LEFT.search(around) is not None
