"""A project's rules: as they are kept, and ready to be used."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import orjson
from django.db import models

from privacy.masking.finders import card, email, iban, names, patterns, phone
from privacy.masking.finders.find import Find, Finder, apart

MOST_NAMES: Final = 1_000
LONGEST_NAME: Final = 200
MOST_PATTERNS: Final = 50
LONGEST_PATTERN: Final = 1_000
LABEL: Final = re.compile(r"[A-Z][A-Z0-9_]{0,30}[A-Z0-9]")
"""What a pattern's placeholders are called."""
BUILT_IN: Final[dict[str, tuple[str, Finder]]] = {
    "email": (email.KIND, email.find),
    "phone": (phone.KIND, phone.find),
    "iban": (iban.KIND, iban.find),
    "card": (card.KIND, card.find),
}
TAKEN: Final = frozenset({*(kind for kind, _ in BUILT_IN.values()), names.KIND})
"""Labels that a pattern of one's own cannot have."""


class Files(models.TextChoices):
    """What becomes of pictures and files, which nobody can mask."""

    REFUSE = "refuse", "Refuse calls with pictures or files"
    SEND = "send", "Send them as they are"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One of a project's own."""

    label: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What is masked; the value that is kept and shown."""

    email: bool = False
    phone: bool = False
    iban: bool = False
    card: bool = False
    names: tuple[str, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    files: str = Files.REFUSE.value

    def as_json(self) -> dict[str, Any]:
        """As the API and the test box have it."""
        return {**asdict(self), "names": list(self.names), "patterns": [asdict(each) for each in self.patterns]}


class Detector:
    """Rules, ready to be used; making one raises InvalidPattern where a pattern does not hold."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.fingerprint = hashlib.sha256(orjson.dumps(rules.as_json(), option=orjson.OPT_SORT_KEYS)).hexdigest()
        self._finders = list(_finders(rules))

    @property
    def takes_files(self) -> bool:
        """Whether pictures and files are sent as they are."""
        return self.rules.files == Files.SEND

    def finds(self, text: str) -> Sequence[Find]:
        """What is to be masked, in the text's order."""
        return list(apart(find for finder in self._finders for find in finder(text)))


def _finders(rules: Rules) -> Iterator[Finder]:
    for name, (_, finder) in BUILT_IN.items():
        if getattr(rules, name):
            yield finder
    if rules.names:
        yield names.finder(rules.names)
    for each in rules.patterns:
        yield patterns.finder(each.label, each.pattern)
