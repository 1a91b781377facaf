"""What may be said of a model, by an administrator or by its provider: which fields there are, and what each holds.

Both are held to it: an override before it is saved, a listing before it is kept, and a row when it is read, since it
may have been written by another version or by hand. None stands for "not told".
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from foundation.words import number
from providers.base import ListedModel
from providers.catalogue.prices import CAPABILITIES
from providers.catalogue.rates import FIELDS
from providers.families import family

HIGHEST_PRICE: Final = 10_000_000
"""USD per million tokens."""
MOST_TOKENS: Final = 1_000_000_000
LONGEST_NAME: Final = 255
LONGEST_NOTE: Final = 2_000
LONGEST_ID: Final = 255
LONGEST_TIER: Final = 40
MOST_PRICES: Final = 50
"""Tiers, or days, that a model may have prices of its own for."""
KNOWN_CAPABILITIES: Final = ("text", *CAPABILITIES.values())


@dataclass(frozen=True, slots=True)
class Rule:
    """What a field holds, as a test and in words."""

    holds: Callable[[Any], bool]
    expected: str


def _is_price(value: Any) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and 0 <= value <= HIGHEST_PRICE


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_TOKENS


def _are_capabilities(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(
        isinstance(name, str) and name in KNOWN_CAPABILITIES for name in value
    )


def _is_text(longest: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and len(value) <= longest and _can_be_kept(value)


def _can_be_kept(text: str) -> bool:
    """Whether PostgreSQL and JSON hold it: no NUL, no lone surrogate, no control character but line and tab."""
    return all(unicodedata.category(letter) not in ("Cc", "Cs") or letter in "\n\t" for letter in text)


def _is_day(value: Any) -> bool:
    try:
        # Other ways to write a day (20260101, 2026-W01-1) would be sorted wrongly.
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_tier(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_TIER and value.isprintable()


def _are_prices(own: Mapping[str, Callable[[Any], bool]], needed: tuple[str, ...]) -> Callable[[Any], bool]:
    """Whether a value is a list of objects that hold prices and what of `own` they tell, one of `needed` at least."""

    def is_one(entry: Any) -> bool:
        if not isinstance(entry, Mapping) or all(entry.get(name) is None for name in needed):
            return False
        rules = {**dict.fromkeys(FIELDS, _is_price), **own}
        is_priced = any(entry.get(name) is not None for name in (*FIELDS, "price_tiers"))
        return is_priced and all(name in rules and (told is None or rules[name](told)) for name, told in entry.items())

    return lambda value: isinstance(value, list | tuple) and len(value) <= MOST_PRICES and all(map(is_one, value))


_are_tiers: Final = _are_prices({"above_tokens": _is_count, "service_tier": _is_tier}, ("above_tokens", "service_tier"))
_are_dated: Final = _are_prices({"from": _is_day, "price_tiers": _are_tiers}, ("from",))
_PRICE: Final = Rule(_is_price, f"a number from 0 to {number(HIGHEST_PRICE)} is expected.")
_COUNT: Final = Rule(_is_count, f"a whole number from 1 to {number(MOST_TOKENS)} is expected.")
RULES: Final[Mapping[str, Rule]] = {
    **dict.fromkeys(FIELDS, _PRICE),
    "price_tiers": Rule(
        _are_tiers,
        f"a list of up to {MOST_PRICES} objects is expected, each with above_tokens or service_tier, and prices.",
    ),
    "dated_prices": Rule(
        _are_dated,
        f"a list of up to {MOST_PRICES} objects is expected, each with from (a day, YYYY-MM-DD), and prices.",
    ),
    "deprecation_date": Rule(_is_day, "a day (YYYY-MM-DD) is expected."),
    "replacement": Rule(_is_text(LONGEST_ID), f"a text of up to {LONGEST_ID} printable characters is expected."),
    "context_window": _COUNT,
    "max_output_tokens": _COUNT,
    "capabilities": Rule(_are_capabilities, f"a list of {', '.join(KNOWN_CAPABILITIES)} is expected."),
    "name": Rule(_is_text(LONGEST_NAME), f"a text of up to {LONGEST_NAME} printable characters is expected."),
    "takes": Rule(
        lambda value: not family.faults(value), "an object with fields of the table of families is expected."
    ),
    "note": Rule(_is_text(LONGEST_NOTE), f"a text of up to {number(LONGEST_NOTE)} printable characters is expected."),
}
"""Every field that `info.describe` reads."""


def faults(told: Any, column: str, *, only_known: bool) -> list[str]:
    """What does not hold, each with its place (`overrides.note: …`); with `only_known` strange names too."""
    if not isinstance(told, Mapping):
        return [f"{column}: an object is expected."]
    found = [
        f"{column}.{name}: {rule.expected}"
        for name, rule in RULES.items()
        if name != "takes" and told.get(name) is not None and not _holds(rule, told[name])
    ]
    if (takes := told.get("takes")) is not None:
        place = f"{column}.takes." if isinstance(takes, Mapping) else f"{column}.takes: "
        found += [f"{place}{fault}" for fault in family.faults(takes)]
    if only_known:
        strange = [str(name) for name in told if name not in RULES]
        found += [f"{column}.{_shown(name)}: there is no such field." for name in strange]
    return found


def _shown(name: str) -> str:
    shown = name if name.isprintable() else ascii(name)
    return shown if len(shown) <= LONGEST_NAME else f"{shown[:LONGEST_NAME]}…"


def _holds(rule: Rule, value: Any) -> bool:
    try:
        return rule.holds(value)
    except (TypeError, ValueError, OverflowError):
        return False  # A whole number that no float holds, a list in a list.


def id_faults(model_id: str, provider: str) -> list[str]:
    """What is wrong with a row's id: it is `provider/model`."""
    slug, _, name = model_id.partition("/")
    return [] if slug == provider and name else [f"id: {provider}/ and the model's name are expected."]


def sound(listing: Iterable[Any], *, slug: str) -> list[ListedModel]:
    """What can be kept of a provider's listing: each name once, with the details that hold.

    A name that no id holds (not text, not printable, too long) cannot be asked for, so it is left out.
    """
    kept: dict[str, ListedModel] = {}
    for model in listing:
        name, details = getattr(model, "name", None), getattr(model, "details", None)
        if isinstance(name, str) and name and name.isprintable() and len(slug) + 1 + len(name) <= LONGEST_ID:
            kept.setdefault(name, ListedModel(name, _sound_details(details)))
    return list(kept.values())


def _sound_details(details: Any) -> dict[str, Any]:
    if not isinstance(details, Mapping):
        return {}
    return {
        name: list(value) if name == "capabilities" else value
        for name, rule in RULES.items()
        if (value := details.get(name)) is not None and _holds(rule, value)
    }
