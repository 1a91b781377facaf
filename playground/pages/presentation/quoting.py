"""Texts of other places as they go into a prompt: quoted, with their source's name, and nothing in them a variable."""

from __future__ import annotations


def quoted(text: str, *, source: str) -> str:
    """A passage as a quotation in Markdown under the name of where it stands."""
    lines = "\n".join(f"> {line}".rstrip() for line in plain(text).strip().splitlines())
    return f"From “{plain(' '.join(source.split()))}”:\n\n{lines}\n"


def plain(text: str) -> str:
    """The text without places of variables: a space parts braces, since a backslash would stay where none is filled."""
    return text.replace("{{", "{ {").replace("{{", "{ {").replace("\x00", "")
