"""ETags: a reader that has the present state gets 304, a writer that has an old one gets 412 (RFC 9110, section 13)."""

from __future__ import annotations

from collections.abc import Mapping


def etag(*parts: object) -> str:
    """A tag of these parts, which hold neither spaces nor quotes."""
    return '"' + ".".join(map(str, parts)) + '"'


def is_current(headers: Mapping[str, str], tag: str) -> bool:
    """Whether `If-None-Match` names this state: the answer may be 304."""
    return _names(headers.get("If-None-Match"), tag)


def is_stale(headers: Mapping[str, str], tag: str) -> bool:
    """Whether `If-Match` is there and names other states only: the answer must be 412."""
    return "If-Match" in headers and not _names(headers.get("If-Match"), tag)


def _names(header: str | None, tag: str) -> bool:
    if header is None:
        return False
    named = [each.strip().removeprefix("W/") for each in header.split(",")]
    return "*" in named or tag in named
