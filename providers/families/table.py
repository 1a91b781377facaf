"""The table of families, and the row that a model's name belongs to."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from providers.families.family import ANY, Family, faults

FILE: Final = Path(__file__).with_name("families.toml")
ABOUT: Final = frozenset({"name", "matches", "wires", "source", "date"})
"""What a row says of itself; everything else is what its models take."""
REGION: Final = re.compile(r"^(?:[a-z]{2,6}(?:-gov)?\.)?(?:anthropic|openai|meta|mistral|deepseek|qwen|xai|google)\.")
"""Bedrock's and Oracle's way to name a vendor, with the region in front."""
CLAUDE: Final = re.compile(r"^claude-(\d+(?:-\d)?)-([a-z]+)")
ENDS_A_WORD: Final = r"(?![a-z0-9]|\.\d)"


@dataclass(frozen=True, slots=True)
class Row:
    """A family with the names that belong to it."""

    family: Family
    pattern: re.Pattern[str]
    wires: frozenset[str]
    source: str
    date: str

    def has(self, name: str, wire: str) -> bool:
        """Whether a model of this (plain) name belongs to the family."""
        return (not self.wires or wire in self.wires) and self.pattern.match(name) is not None


@lru_cache(maxsize=1)
def rows() -> tuple[Row, ...]:
    """The table, from its top; raises ValueError where a row does not hold."""
    return tuple(_row(entry) for entry in tomllib.loads(FILE.read_text())["family"])


def _row(entry: Mapping[str, Any]) -> Row:
    told = {name: value for name, value in entry.items() if name not in ABOUT}
    if wrong := faults(told):
        raise ValueError(f"{FILE.name}, {entry['name']}: {' '.join(wrong)}")
    patterns = (f"{each}{ENDS_A_WORD}" if each else "" for each in entry["matches"])
    return Row(
        Family(entry["name"]).with_told(told),
        re.compile("|".join(f"(?:{each})" for each in patterns)),
        frozenset(entry.get("wires", ())),
        entry["source"],
        entry["date"].isoformat(),
    )


@lru_cache(maxsize=4096)
def family_of(model: str, wire: str = "") -> Family:
    """The family of a model by its provider's name of it; the empty one where the table does not know it."""
    name = plain(model)
    return next((row.family for row in rows() if row.has(name, wire)), ANY)


def plain(model: str) -> str:
    """The name that the table's patterns are compared with: no prefixes, one spelling."""
    name = model.lower().removeprefix("ft:").rpartition("/")[2]
    name = REGION.sub("", name)
    if not name.startswith("claude"):
        return name
    name = re.sub(r"(?<=\d)\.(?=\d)", "-", name)
    return CLAUDE.sub(r"claude-\2-\1", name)
