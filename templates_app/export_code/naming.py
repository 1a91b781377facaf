"""Names and words of people inside of code: nothing of theirs can end a comment or become a statement."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from templates_app.export_code.handover import Handover

LONGEST: Final = 48
LONGEST_LINE: Final = 200
_NO_PARAMETERS: Final = frozenset({"__debug__"})


def one_line(text: str) -> str:
    """The text on one line of at most 200 printable characters, as a comment needs it in every language."""
    said = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return said if len(said) <= LONGEST_LINE else said[: LONGEST_LINE - 1] + "…"


def snake(name: str) -> str:
    """The name as an identifier in ASCII, such as `summary_of_a_report`; `prompt` when nothing is left of it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    word = re.sub(r"[^a-z0-9]+", "_", plain)[:LONGEST].strip("_")
    return f"prompt_{word}" if word[:1].isdigit() else word or "prompt"


def words(name: str) -> str:
    """As `snake`, with letters of every script: `zusammenfassung_報告`."""
    folded = "".join(_folded(letter) for letter in unicodedata.normalize("NFC", name))
    found = re.sub(r"_+", "_", folded)[:LONGEST].strip("_")
    return f"prompt_{found}" if found[:1].isdigit() else found or "prompt"


def _folded(letter: str) -> str:
    plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode().lower()
    if plain:
        return re.sub(r"[^a-z0-9]", "_", plain)
    # Letters, the signs that belong to them, and digits.
    return letter.lower() if unicodedata.category(letter)[0] in "LMN" else "_"


def camel(name: str) -> str:
    """The same as JavaScript has it, such as `summaryOfAReport`."""
    first, *others = snake(name).split("_")
    return first + "".join(map(str.capitalize, others))


def python_function(name: str, *, taken: Iterable[str]) -> str:
    """A function's name that hides neither a builtin nor one of the names `taken`."""
    word = snake(name)
    is_free = not keyword.iskeyword(word) and not hasattr(builtins, word) and word not in set(taken)
    return word if is_free else f"{word}_prompt"


def python_parameters(names: Iterable[str], *, taken: Iterable[str]) -> dict[str, str]:
    """The parameter for each variable: its own name, with underscores where Python keeps that for itself."""
    used, found = {*taken, *_NO_PARAMETERS}, {}
    for name in names:
        word = name
        while keyword.iskeyword(word) or word in used:
            word += "_"
        used.add(word)
        found[name] = word
    return found


def headline(handover: Handover) -> list[str]:
    """What a reader of the snippet wants to know first, in lines without a comment's mark."""
    label = f", labelled {handover.label}" if handover.label else ""
    return [
        one_line(f"{handover.name}: version {handover.version}{label}."),
        one_line(f"Handed over from {handover.service_url}, template {handover.template_id}."),
    ]
