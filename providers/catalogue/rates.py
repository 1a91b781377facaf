"""What a model's tokens cost: by kind, by the tier that a call was served in, by its length, and by the time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, time
from decimal import Decimal
from typing import Any, Final, NamedTuple

MILLION: Final = Decimal(1_000_000)
SMALLEST_RATE: Final = Decimal("0.000000000001")
STANDARD: Final = ""
"""The tier of a call that is served in none of its own."""
BATCH: Final = "batch"
"""The tier of calls that are sent many at once and answered within a day."""
PLAIN_TIERS: Final = frozenset({"", "auto", "default", "standard", "standard_only", "on_demand"})
SAME_TIER: Final = {"batches": BATCH}
FIELDS: Final = {
    "input_per_million": "input",
    "output_per_million": "output",
    "cache_read_per_million": "cache_read",
    "cache_write_per_million": "cache_write",
    "cache_write_1h_per_million": "cache_write_1h",
    "reasoning_per_million": "reasoning",
    "image_input_per_million": "image",
    "audio_input_per_million": "audio",
}
"""Prices as the catalogue's rows and the API name them: the kind of token that each is for."""


def tier_named(word: str | None) -> str:
    """A provider's word for a tier as prices are kept by it; STANDARD for the plain one."""
    name = (word or "").strip().lower()
    return STANDARD if name in PLAIN_TIERS else SAME_TIER.get(name, name)


@dataclass(frozen=True, slots=True)
class Rates:
    """USD a token of each kind; None where the kind has no price of its own."""

    input: Decimal | None = None
    output: Decimal | None = None
    cache_read: Decimal | None = None
    """Input that the provider had in its cache; without a price it costs what input does."""
    cache_write: Decimal | None = None
    """Input that the provider took into its cache; likewise."""
    cache_write_1h: Decimal | None = None
    """The same, to be kept for an hour; without a price it costs what the other writing does."""
    reasoning: Decimal | None = None
    image: Decimal | None = None
    audio: Decimal | None = None

    def over(self, other: Rates) -> Rates:
        """These, and those of `other` for what these do not tell."""
        told = {name: value for name in KINDS if (value := getattr(self, name)) is not None}
        return replace(other, **told)

    def without(self, kinds: Iterable[str]) -> Rates:
        """These but for some kinds."""
        return replace(self, **dict.fromkeys(kinds))

    def of_kinds(self) -> dict[str, Decimal]:
        """What is told, by kind."""
        return {name: value for name in KINDS if (value := getattr(self, name)) is not None}

    def as_json(self) -> dict[str, float]:
        """USD per million tokens, by the API's names."""
        told = ((name, getattr(self, kind)) for name, kind in FIELDS.items())
        return {name: float(value * MILLION) for name, value in told if value is not None}


KINDS: Final = tuple(each.name for each in fields(Rates))


def rates_of(told: Mapping[str, Any]) -> Rates:
    """The prices of a catalogue's row, which are USD per million tokens."""
    given = {kind: Decimal(str(told[name])) / MILLION for name, kind in FIELDS.items() if told.get(name) is not None}
    return Rates(**given)


class Place(NamedTuple):
    """Which calls a price is for: those of a tier, with more than so many tokens of input."""

    tier: str = STANDARD
    above: int = 0


class Priced(NamedTuple):
    """The rates that hold for one call, and the place that they were found at."""

    rates: Rates
    place: Place


@dataclass(frozen=True, slots=True)
class Window:
    """Hours (UTC) of some days of the week (ISO: Monday is 1)."""

    days: frozenset[int]
    begin: time
    end: time
    """Midnight is the day's end."""

    def holds(self, at: datetime) -> bool:
        """Whether the moment lies within."""
        now = at.time()
        return at.isoweekday() in self.days and self.begin <= now and (now < self.end or self.end == time.min)


@dataclass(frozen=True, slots=True)
class OffPeak:
    """Other rates for some hours."""

    windows: tuple[Window, ...]
    rates: Rates


@dataclass(frozen=True, slots=True)
class Prices:
    """All prices of a model. A call above a length is priced whole by that length's rates, as vendors do."""

    standard: Rates = field(default_factory=Rates)
    places: Mapping[Place, Rates] = field(default_factory=dict)
    """Where a tier or a length has rates of its own."""
    off_peak: OffPeak | None = None

    @property
    def is_known(self) -> bool:
        """Whether a cost can be told."""
        return self.standard.input is not None and self.standard.output is not None

    def of(self, *, prompt_tokens: int, tier: str = STANDARD, at: datetime | None = None) -> Priced:
        """The rates of a call with so much input, served in `tier`, at a moment in UTC."""
        standard = self.standard
        if self.off_peak and at and any(window.holds(at) for window in self.off_peak.windows):
            standard = self.off_peak.rates.over(standard)
        if not self.places:
            return Priced(standard, Place())
        tier = tier if any(place.tier == tier for place in self.places) else STANDARD
        lengths = [each.above for each in self.places if each.above < prompt_tokens and each.tier in (tier, STANDARD)]
        place = Place(tier, max(lengths, default=0))
        return Priced(standard if place == Place() else self._at(place, standard), place)

    def _at(self, place: Place, standard: Rates) -> Rates:
        """The rates of a place; where only the length or only the tier tells one, that, and where both do, joined.

        A tier that tells no rate for a length takes the same part off it, or puts it on, as it does below.
        """
        own = self.places.get(place, Rates())
        of_length = self.places.get(Place(STANDARD, place.above), Rates())
        of_tier = self.places.get(Place(place.tier, 0), Rates())
        joined = {}
        for kind in KINDS:
            longer, tiered, plain = getattr(of_length, kind), getattr(of_tier, kind), getattr(standard, kind)
            if longer is not None and tiered is not None and plain:
                joined[kind] = (longer * tiered / plain).quantize(SMALLEST_RATE).normalize()
            else:
                joined[kind] = longer if longer is not None else tiered
        return own.over(Rates(**joined)).over(standard)

    def with_batches(self) -> Prices:
        """These, with what a provider's batch interface takes: half, as both vendors document, where none is told."""
        half = Rates(**{kind: (rate / 2).normalize() for kind, rate in self.standard.of_kinds().items()})
        place = Place(BATCH)
        return replace(self, places={**self.places, place: self.places.get(place, Rates()).over(half)})

    def served_in(self, tier: str) -> Prices:
        """These as if every call were served in `tier`."""
        lengths = {place.above for place in self.places if place.tier in (STANDARD, tier) and place.above}
        longer = {Place(STANDARD, above): self._at(Place(tier, above), self.standard) for above in lengths}
        return Prices(self._at(Place(tier), self.standard), longer)

    def within_reach(self, prompt_tokens: int) -> list[Rates]:
        """Rates that a call in the standard tier with at most so much input may be billed by, at any hour."""
        lengths = [each.above for each in self.places if each.tier == STANDARD and each.above < prompt_tokens]
        found = [self.standard, *(self._at(Place(STANDARD, above), self.standard) for above in lengths)]
        return [*found, self.off_peak.rates.over(self.standard)] if self.off_peak else found

    def with_own(self, rates: Rates, places: Mapping[Place, Rates]) -> Prices:
        """These with an administrator's word above them: a rate that is set holds everywhere, but where set apart."""
        if not (given := rates.of_kinds()) and not places:
            return self
        kept = {place: each.without(given) for place, each in self.places.items()}
        for place, own in places.items():
            kept[place] = own.over(kept.get(place, Rates()))
        off_peak = self.off_peak and replace(self.off_peak, rates=self.off_peak.rates.without(given))
        standard = kept.pop(Place(), Rates()).over(rates.over(self.standard))
        return Prices(standard, {place: each for place, each in kept.items() if each.of_kinds()}, off_peak)

    def as_json(self) -> dict[str, Any]:
        """As GET /api/models tells them: the standard rates, and a list of those that differ."""
        tiers = [
            {"service_tier": place.tier or None, "above_tokens": place.above or None, **each.as_json()}
            for place, each in sorted(self.places.items())
        ]
        return {**self.standard.as_json(), **({"tiers": tiers} if tiers else {})}


FREE: Final = Prices(Rates(input=Decimal(0), output=Decimal(0)))
