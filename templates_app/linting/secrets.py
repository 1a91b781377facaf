"""What keys, tokens and passwords look like in a text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from templates_app.linting.patterns import Pattern, pattern
from templates_app.linting.text import LOOKS

LONGEST: Final = 200
"""Characters of a candidate that are looked at."""
MASK: Final = "***"
_VALUE: Final = r"[^\s\"'{}<>$*\[,;]"


class Kind(NamedTuple):
    """One kind of secret; what is made by chance `has_digit`, which words with hyphens have not."""

    name: str
    looks: Pattern
    has_digit: bool = False


KINDS: Final = (
    Kind("a private key", pattern(r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY-----")),
    Kind("an API key", pattern(r"\b(?:sk|pk|rk|gsk|xai)[-_][A-Za-z0-9_-]{16,}"), True),
    Kind("an AWS access key", pattern(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    Kind("a GitHub token", pattern(r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,})")),
    Kind("a Google API key", pattern(r"\bAIza[\w-]{30,}"), True),
    Kind("a Slack token", pattern(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}"), True),
    Kind("a Hugging Face token", pattern(r"\bhf_[A-Za-z0-9]{30,}")),
    Kind("a JSON Web Token", pattern(r"\beyJ[\w-]{8,}\.eyJ[\w-]{4,}\.[\w-]{8,}")),
    Kind("a bearer token", pattern(r"(?i)\bbearer[ \t]+[A-Za-z0-9_.+/=-]{24,}"), True),
    Kind("a password in an address", pattern(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/@:{}<$]{0,100}:[^\s/@{}<$*]{3,100}@")),
    Kind(
        "a password",
        # A digit, or the sign of equality without a space, tells a password from a sentence about passwords.
        pattern(
            r"(?i)\b(?:password|passwd|pwd|secret|api[_-]?key|access[_-]?token|client[_-]?secret)[\"']?"
            rf"(?:=[\"']?{_VALUE}{{6,}}|(?:[ \t]{{0,3}}[:=]|[ \t]is)[ \t]{{0,3}}[\"']?"
            rf"(?:{_VALUE}{{0,60}}[0-9]{_VALUE}{{3,}}|{_VALUE}{{4,60}}[0-9]{_VALUE}{{0,60}}))"
        ),
    ),
)

# "api_key=YOUR_API_KEY", "password = os.environ[…]", "sk-xxxxxxxx": where a secret goes, not what it is.
_STAND_IN: Final = pattern(
    r"\A(?:[\w-]*[\"']?(?:[ \t]*[:=]|[ \t]is)[ \t]*|(?i:bearer)[ \t]+)?[\"']?(?:(?:sk|pk|rk|gsk|hf|ghp)[-_])?(?:"
    r"(?:your|my|our|the|an?|insert|enter|replace|put|change|some|dummy|fake|sample|placeholder|redacted|hidden|secret"
    r"|password|passwd|token|api)(?:[-_ ]?(?:your|my|own|real|actual|api|access|secret|key|token|here|me|password|value"
    r"|with|this|it|goes|proj|\d{1,4}))*"
    r"|[A-Z]+(?:_[A-Z0-9]+)+|(?:x{5,}|X{5,}|0{5,}|\*{5,}|#{5,}|\.{5,}|-{5,})[\w.-]{0,8}"
    r"|(?:[a-z_]+\.)+[a-z_]+(?:\(.*)?|[a-z_]+\(.*)\z"
)


class Secret(NamedTuple):
    """Where something secret stands and what it seems to be."""

    kind: str
    start: int
    end: int


def secrets_in(text: str) -> Iterator[Secret]:
    """What looks secret, in the text's order; of places that overlap the first and longest."""
    found = [
        Secret(kind.name, match.start(), match.end())
        for kind in KINDS
        for match in islice(kind.looks.finditer(text), LOOKS)
        if not kind.has_digit or any(map(str.isdigit, match.group()))
        if not _STAND_IN.search(match.group()[:LONGEST])
    ]
    end = 0
    for secret in sorted(found, key=lambda each: (each.start, -each.end)):
        if secret.start >= end:
            yield secret
            end = secret.end


def masked(text: str) -> str:
    """The text without what looks secret."""
    parts, end = [], 0
    for secret in secrets_in(text):
        parts += [text[end : secret.start], MASK]
        end = secret.end
    return "".join([*parts, text[end:]])
