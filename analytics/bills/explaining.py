"""Why a bill and the ledger differ: first where (tokens of a kind at our price), then what may be behind the rest.

What is not explained stays visible: nothing is spread over the kinds to make a row come out even.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from analytics.bills.ledger import Kept
from analytics.bills.lines import Kind
from analytics.bills.prices import Prices, price_of
from analytics.bills.reading import Billed
from foundation.words import counted

NOTHING: Final = Decimal(0)
SMALLEST: Final = Decimal("0.000001")
"""USD below which nothing is left to explain."""
PRICED: Final = (Kind.INPUT, Kind.CACHE_READ, Kind.CACHE_WRITE, Kind.OUTPUT)


@dataclass(frozen=True, slots=True)
class KindLine:
    """One kind on both sides; None where a side does not tell it."""

    kind: Kind
    ledger: int | None
    bill: int | None
    difference_cost: Decimal | None
    """USD, the bill's less ours; None where no price of the kind is known."""


@dataclass(frozen=True, slots=True)
class Reason:
    """What stands, or may stand, behind a difference."""

    code: str
    sentence: str
    cost: Decimal | None = None
    """USD of the difference that it accounts for; None: not known."""


@dataclass(slots=True)
class Finding:
    """One model and day."""

    model: str
    day: date
    ledger: Decimal
    billed: Decimal | None
    """USD; None where the file tells no money."""
    difference: Decimal | None
    """USD, the bill's less ours; of a file without money: its tokens at our prices."""
    lines: list[KindLine]
    reasons: list[Reason] = field(default_factory=list)
    unexplained: Decimal | None = None
    over_midnight: int = 0

    @property
    def explained(self) -> Decimal | None:
        """USD of the difference."""
        return None if self.difference is None or self.unexplained is None else self.difference - self.unexplained

    @property
    def agrees(self) -> bool:
        """Whether both sides say the same, to what rounding may do."""
        codes = {each.code for each in self.reasons} - {"rounding"}
        return self.difference is not None and abs(self.difference - self._rounding) < SMALLEST and not codes

    @property
    def _rounding(self) -> Decimal:
        return sum((each.cost or NOTHING for each in self.reasons if each.code == "rounding"), NOTHING)


def explain(
    *, model: str, day: date, billed: Billed | None, kept: Kept | None, prices: Prices, is_known: bool
) -> Finding:
    """The row of a model and day, of which at least one side is there."""
    lines = _lines(billed, kept, prices)
    ledger = kept.cost if kept else NOTHING
    told = billed.cost if billed else NOTHING
    by_lines = [line.difference_cost for line in lines if line.difference_cost is not None]
    if told is not None:
        difference: Decimal | None = told - ledger
    else:
        difference = sum(by_lines, NOTHING) if all(_is_valued(line) for line in lines) else None
    found = Finding(model, day, ledger, told, difference, lines, over_midnight=kept.over_midnight if kept else 0)
    rest = None if difference is None else difference - sum(by_lines, NOTHING)
    found.unexplained = _reasons(found, rest, billed, kept, is_known)
    return found


def _is_valued(line: KindLine) -> bool:
    return line.difference_cost is not None or line.bill is None or line.bill == line.ledger or line.kind not in PRICED


def _lines(billed: Billed | None, kept: Kept | None, prices: Prices) -> list[KindLine]:
    tells_kinds = billed is not None and bool(billed.quantities or billed.costs)
    lines = []
    for kind in Kind:
        ours = kept.quantities.get(kind) if kept else 0
        theirs = billed.quantities.get(kind) if billed else 0
        cost: Decimal | None = None
        if billed is None and kept is not None:
            cost = -kept.costs.get(kind, NOTHING)
        elif billed is not None and kind in billed.costs:
            cost = billed.costs[kind] - (kept.costs.get(kind, NOTHING) if kept else NOTHING)
        elif billed is not None and billed.costs and kind in PRICED:
            cost = -(kept.costs.get(kind, NOTHING) if kept else NOTHING)
        elif kind == Kind.ATTEMPT:
            cost = -kept.costs.get(kind, NOTHING) if kept and tells_kinds else None
        elif kind in PRICED and theirs is not None:
            cost = _difference_at(kind, theirs, kept, prices)
        if ours or theirs or cost:
            lines.append(KindLine(kind, ours, theirs, cost))
    return lines


def _difference_at(kind: Kind, theirs: int, kept: Kept | None, prices: Prices) -> Decimal | None:
    """USD that the bill's tokens of a kind are above ours: what we did not price ourselves counts as not there."""
    ours = kept.quantities.get(kind, 0) if kept else 0
    if theirs == ours:
        return NOTHING
    price = price_of(kind, kept=kept, prices=prices)
    return None if price is None else (theirs - ours) * price


def _reasons(
    found: Finding, rest: Decimal | None, billed: Billed | None, kept: Kept | None, is_known: bool
) -> Decimal | None:
    """Adds what may stand behind the row; what of the rest is left."""
    add = found.reasons.append
    if billed is None:
        add(Reason("only_here", "The file has nothing of this model on this day.", found.difference))
        return NOTHING
    if kept is None:
        code, said = ("only_in_bill", "No run of this model is known of this day.")
        if not is_known:
            code, said = "unknown_model", "No model of this name is known here; somebody else used the account's key."
        add(Reason(code, said, found.difference))
        return None if found.difference is None else NOTHING
    rest = _unpriced(found, rest, kept)
    if kept.failed:
        may = None if rest is None else max(min(rest, kept.failed_cost), NOTHING)
        said = f"{counted(kept.failed, 'run')} failed or were stopped; the provider may have billed them all the same."
        add(Reason("failed_calls", said, may))
        rest = rest if rest is None or may is None else rest - may
    if rest is not None and billed.cost is not None and SMALLEST <= abs(rest) <= billed.rounding:
        add(Reason("rounding", "The file's amounts are rounded.", rest))
        rest = NOTHING
    if rest is not None and abs(rest) >= SMALLEST and _counts_agree(found):
        add(Reason("prices", "The tokens agree: the provider's prices are not those that runs were billed by.", rest))
        rest = NOTHING
    return rest


def _unpriced(found: Finding, rest: Decimal | None, kept: Kept) -> Decimal | None:
    if not kept.unpriced:
        return rest
    may = None if rest is None or kept.unpriced < kept.requests - kept.failed else max(rest, NOTHING)
    said = f"{counted(kept.unpriced, 'run')} have no cost here: no price of the model was known."
    found.reasons.append(Reason("no_price", said, may))
    return rest if rest is None or may is None else rest - may


def _counts_agree(found: Finding) -> bool:
    told = [line for line in found.lines if line.bill is not None and line.kind in PRICED]
    return bool(told) and all(line.bill == line.ledger for line in told) and found.ledger > 0


def move_between_days(findings: list[Finding]) -> None:
    """Tells of neighbouring days of a model that differ in opposite ways: the provider's day begins at another hour."""
    by_pair = {(each.model, each.day): each for each in findings}
    for each in findings:
        after = by_pair.get((each.model, each.day + timedelta(days=1)))
        if after is None or not each.difference or not after.difference or each.difference * after.difference > 0:
            continue
        moved = min(abs(each.difference), abs(after.difference))
        for side in (each, after):
            if moved >= SMALLEST and side.difference is not None:
                _tell_of_edge(side, moved if side.difference > 0 else -moved)


def _tell_of_edge(found: Finding, moved: Decimal) -> None:
    over = f"; {counted(found.over_midnight, 'run')} went on over midnight UTC" if found.over_midnight else ""
    said = f"The day beside it differs the other way: the provider's days may begin at another hour{over}."
    found.reasons.append(Reason("day_edge", said, moved))
    if found.unexplained and found.unexplained * moved > 0:
        taken = min(abs(found.unexplained), abs(moved))
        found.unexplained -= taken if found.unexplained > 0 else -taken
