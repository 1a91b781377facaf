"""What may be shown of a provider's own words: short, printable, without keys."""

from __future__ import annotations

import re
from collections.abc import Iterable

LONGEST = 200
READ = 4096
"""Characters looked at; masking the rest would be work for nothing."""
MASK = "***"
SHORTEST_SECRET = 4

KEYS = re.compile(
    r"""
      (?<=://)[^\s/@]+@                                       # user:password@ in a URL
    | \b(?:sk|pk|rk|xai|gsk|hf|AIza|key)[-_][\w*.-]{4,}        # keys by their usual beginnings
    | \bAIza[\w-]{10,}
    | (?<=bearer)\s+[^\s"',]+
    | (?<=basic)\s+[\w+/=]{8,}
    | (?<=api[-_]key)\s*["']?\s*[:=]\s*["']?[^\s"',&]+
    | (?<=[?&]key)=[^\s"'&]+
    | (?<=token)\s*["']?\s*[:=]\s*["']?[\w.-]{8,}
    | \beyJ[\w-]{8,}\.[\w-]+\.?[\w-]*                          # a JWT
    """,
    re.IGNORECASE | re.VERBOSE,
)


def safe_excerpt(text: str | bytes, *, secrets: Iterable[str] = ()) -> str:
    """At most 200 printable characters on one line; every given secret and what looks like a key is masked."""
    said = text[: 4 * READ].decode("utf-8", "replace") if isinstance(text, bytes) else text
    said = said[:READ]
    for secret in secrets:
        if len(secret) >= SHORTEST_SECRET:
            said = said.replace(secret, MASK)
    said = KEYS.sub(MASK, said)
    said = " ".join("".join(letter if letter.isprintable() else " " for letter in said).split())
    return said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"
