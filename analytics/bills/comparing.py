"""The bill beside the ledger: a model and day a row, each with its difference."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import IO

from analytics.bills.explaining import Finding, explain, move_between_days
from analytics.bills.ledger import Kept, groups_of
from analytics.bills.naming import Match, Names, known_among
from analytics.bills.prices import unit_prices
from analytics.bills.reading import Bill, Billed, read
from foundation.problems import FieldError, invalid
from providers.models import CatalogueModel, Provider


@dataclass(slots=True)
class Comparison:
    """What came out."""

    provider: str
    bill: Bill
    findings: list[Finding]
    """By model and day."""
    matches: list[Match] = field(default_factory=list)
    """Which of our models stand under which name."""

    def total(self, name: str) -> Decimal | None:
        """USD over all rows that know it: ledger, billed, difference, explained or unexplained; None where none do."""
        known = [amount for each in self.findings if (amount := getattr(each, name)) is not None]
        return sum(known, Decimal(0)) if known else None


def compare(*, provider: str, file: IO[bytes]) -> Comparison:
    """Lays a file of `provider` (its slug) beside its runs of the same days. Nothing of it is kept."""
    if not Provider.objects.filter(slug=provider).exists():
        raise invalid([FieldError("provider", "unknown", "There is no provider of this name.")])
    bill = read(file)
    kept, matches = _by_name(provider, bill)
    listed = list(CatalogueModel.objects.filter(provider=provider).values_list("id", flat=True))
    prices = unit_prices(kept)
    findings = []
    for model, day in sorted({*bill.by_pair, *kept}):
        billed, own = bill.by_pair.get((model, day)), kept.get((model, day))
        is_known = own is not None or known_among(model, listed) or any(name == model for name, _ in kept)
        findings.append(
            explain(model=model, day=day, billed=billed, kept=own, prices=prices.get(model, {}), is_known=is_known)
        )
    move_between_days(findings)
    return Comparison(provider, bill, findings, matches)


def _by_name(provider: str, bill: Bill) -> tuple[dict[tuple[str, date], Kept], list[Match]]:
    names = Names({model for model, _ in bill.by_pair})
    kept: dict[tuple[str, date], Kept] = {}
    matches: set[Match] = set()
    for group in groups_of(provider=provider, first=bill.first, last=bill.last):
        match = names.of(group)
        if match is not None:
            matches.add(match)
        name = match.model if match else group.model_id.partition("/")[2]
        kept.setdefault((name, group.day), Kept()).add(group.kept)
    return kept, sorted(matches, key=lambda each: (each.model, each.model_id, each.by))


__all__ = ["Billed", "Comparison", "compare"]
