"""Lengths of texts as a person reads them."""

from __future__ import annotations

from foundation.words import counted

CHARACTERS_A_TOKEN = 4


def tokens(*texts: str) -> str:
    """About how many tokens the texts have; static/js/editor.js says the same while one types."""
    return f"about {counted(-(-sum(map(len, texts)) // CHARACTERS_A_TOKEN), 'token')}"
