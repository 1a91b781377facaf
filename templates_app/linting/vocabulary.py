"""The words that rules know a variable or a shout by, kept as data."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import yaml

FILE: Final = Path(__file__).with_name("vocabulary.yaml")


def vocabulary(group: str) -> frozenset[str]:
    """The words of this group."""
    return _all()[group]


@cache
def _all() -> dict[str, frozenset[str]]:
    return {group: frozenset(words) for group, words in yaml.safe_load(FILE.read_text(encoding="utf-8")).items()}
