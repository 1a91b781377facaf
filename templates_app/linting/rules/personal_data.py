"""People's addresses and numbers in a prompt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.patterns import pattern
from templates_app.linting.registry import LintRule, register
from templates_app.linting.text import LOOKS

EMAIL = pattern(r"\b[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@[A-Za-z0-9][A-Za-z0-9.-]{0,100}\.[A-Za-z]{2,24}\b")
PHONE = pattern(r"\+[1-9]\d{0,2}(?:[ .-]?\(?\d{1,4}\)?){2,6}\b|\(\d{3}\) ?\d{3}-\d{4}\b|\b\d{3}[-.]\d{3}[-.]\d{4}\b")
# RFC 2606 and 6761 for names, the North American plan's exchange 555 for numbers; then what people make up.
MADE_UP = re.compile(
    r"(?:[@.]example\.[a-z.]{2,6}|\.(?:example|test|invalid|localhost|local)"
    r"|^[\w-]+@(?:your|my|our)?-?(?:company|domain|email|organi[sz]ation|test|foo|bar|server|website)\.[a-z.]{2,6})$"
    r"|\(?555\)?[ .-]",
    re.IGNORECASE,
)
# An address of an office is nobody's own.
OFFICES = re.compile(
    r"(?:no-?reply|do-?not-?reply|support|info|sales|contact|admin|help|helpdesk|hello|office|service|billing|press|team"
    r"|webmaster|postmaster|abuse|privacy|legal|jobs|careers|feedback|orders?|security|kontakt|git|user(?:name)?|your[._]?\w*)@",
    re.IGNORECASE,
)
COUNTED = re.compile(r"(?:0?1234567\d*|(\d)\1{6,}|\d{0,4}1234567\d*|\d{0,3}0{7,})")
FEWEST_DIGITS, MOST_DIGITS = 9, 15


@register("personal-data")
class PersonalData(LintRule):
    """An e-mail address or a telephone number that somebody may own."""

    severity = Severity.WARNING
    title = "Personal data in the text"
    reason = "A template is kept, shared and sent to providers; a person's data should be in none of these by accident."
    advice = "Make it a variable, or use an example's address such as name@example.com or 555-0100."
    example = "Reply to {{customer_email}}."

    def check(self, draft: Draft) -> Iterator[Finding]:
        for text in draft.texts:
            for found in islice(EMAIL.finditer(text.text), LOOKS):
                if not MADE_UP.search(found.group()) and not OFFICES.match(found.group()):
                    span = found.start(), found.end()
                    yield self.finding("This looks like somebody's e-mail address.", field=text.field, span=span)
            for found in islice(PHONE.finditer(text.text), LOOKS):
                digits = "".join(filter(str.isdigit, found.group()))
                is_made_up = MADE_UP.search(found.group()) or COUNTED.fullmatch(digits)
                if FEWEST_DIGITS <= len(digits) <= MOST_DIGITS and not is_made_up:
                    span = found.start(), found.end()
                    yield self.finding("This looks like a telephone number.", field=text.field, span=span)
