"""E-mail addresses as people write them (RFC 5322's dot-atom, RFC 6531's letters), without quoted local parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from privacy.masking.finders.find import Find

KIND: Final = "EMAIL"
LONGEST_LOCAL: Final = 64
LONGEST_DOMAIN: Final = 253
_LOCAL: Final = re.compile(r"[\w](?:[\w.+%'&~-]*[\w+%&~-])?\Z")
_LOCAL_SIGNS: Final = frozenset("_.+%'&~-")
_DOMAIN: Final = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+(?:xn--[a-z0-9-]{2,59}|[^\W\d_]{2,63})(?![\w])", re.I)
_PICTURE: Final = re.compile(r"\d+x\.(?:png|jpe?g|gif|webp|svg|avif)", re.I)
"""`logo@2x.png` is the name of a file."""


def find(text: str) -> Iterator[Find]:
    """Every address, by its @: what stands around it is looked at as far as an address can reach, so this is linear."""
    at = text.find("@")
    while at != -1:
        local, domain = _local(text, at), _DOMAIN.match(text, at + 1, at + 2 + LONGEST_DOMAIN)
        if local and domain and not _is_none(local, domain.group(), text[domain.end() :][:1]):
            yield Find(at - len(local), domain.end(), KIND)
        at = text.find("@", at + 1)


def _local(text: str, at: int) -> str:
    start = at
    while start and at - start <= LONGEST_LOCAL and (text[start - 1].isalnum() or text[start - 1] in _LOCAL_SIGNS):
        start -= 1
    # An address in quotes or behind a dash begins with its first letter.
    written = text[start:at].lstrip(".'&%~-")
    return written if len(written) <= LONGEST_LOCAL and _LOCAL.match(written) else ""


def _is_none(local: str, domain: str, following: str) -> bool:
    """Of `git@host:path` nobody is called; a picture for finer screens is a file."""
    return bool(_PICTURE.fullmatch(domain)) or (local == "git" and following in (":", "/"))
