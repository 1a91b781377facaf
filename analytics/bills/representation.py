"""A comparison as JSON and as a table, and its finding in words."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from analytics.bills.comparing import Comparison
from analytics.bills.explaining import NOTHING, SMALLEST, Finding
from foundation.downloads.spreadsheet import neutralised
from foundation.words import counted, money

TOTALS = ("ledger", "billed", "difference", "explained", "unexplained")
COLUMNS = (
    "model", "day", "kind", "ledger", "bill", "difference", "difference_cost", "explained", "unexplained", "reasons",
)  # fmt: skip


def comparison_json(compared: Comparison) -> dict[str, Any]:
    """All of it; amounts in USD."""
    totals = {name: _number(compared.total(name)) for name in TOTALS}
    return {
        "provider": compared.provider,
        "format": compared.bill.format.name,
        "first_day": compared.bill.first.isoformat(),
        "last_day": compared.bill.last.isoformat(),
        "lines": compared.bill.lines,
        "finding": finding_in_words(compared),
        "total": {("bill" if name == "billed" else name): amount for name, amount in totals.items()},
        "models": [{"bill": each.model, "model_id": each.model_id, "by": each.by} for each in compared.matches],
        "results": [_finding_json(each) for each in compared.findings],
    }


def finding_in_words(compared: Comparison) -> str:
    """What came out, in a sentence or two."""
    span = f"{compared.bill.first} to {compared.bill.last}"
    difference, rest = compared.total("difference"), compared.total("unexplained")
    off = [each for each in compared.findings if not each.agrees]
    if not off:
        return f"The bill agrees with the ledger, {span}: {counted(len(compared.findings), 'model and day')}."
    if difference is None:
        return f"The file tells no money, and no price of ours is known, {span}: only tokens are laid side by side."
    side = "more" if difference > 0 else "less"
    said = f"The bill is {money(abs(difference))} {side} than the ledger, {span}"
    if abs(difference) < SMALLEST:
        said = f"In sum the bill agrees with the ledger, {span}"
    worst = max(off, key=lambda each: abs(each.difference or NOTHING))
    said += f"; {len(off)} of {counted(len(compared.findings), 'row')} differ, most {worst.model} on {worst.day}."
    left = sum((abs(each.unexplained or NOTHING) for each in compared.findings), NOTHING)
    is_whole = left < SMALLEST and rest is not None
    return f"{said} {'All of it is explained.' if is_whole else f'{money(left)} is not explained.'}"


def table(compared: Comparison) -> Iterator[list[str]]:
    """A header, and a row for every kind of every model and day; first the row itself, of kind “cost”."""
    yield list(COLUMNS)
    for each in compared.findings:
        reasons = "; ".join(reason.sentence for reason in each.reasons)
        amounts = (each.ledger, each.billed, each.difference, each.difference, each.explained, each.unexplained)
        yield [neutralised(each.model), each.day.isoformat(), "cost", *map(_plain, amounts), neutralised(reasons)]
        for line in each.lines:
            tokens = None if line.bill is None or line.ledger is None else line.bill - line.ledger
            counts = (line.ledger, line.bill, tokens, line.difference_cost)
            yield [neutralised(each.model), each.day.isoformat(), line.kind.value, *map(_plain, counts), "", "", ""]


def _finding_json(each: Finding) -> dict[str, Any]:
    return {
        "model": each.model,
        "day": each.day.isoformat(),
        "ledger": _number(each.ledger),
        "bill": _number(each.billed),
        "difference": _number(each.difference),
        "explained": _number(each.explained),
        "unexplained": _number(each.unexplained),
        "agrees": each.agrees,
        "lines": [
            {
                "kind": line.kind.value,
                "ledger_tokens": line.ledger,
                "bill_tokens": line.bill,
                "difference_cost": _number(line.difference_cost),
            }
            for line in each.lines
        ],
        "reasons": [
            {"code": reason.code, "sentence": reason.sentence, "cost": _number(reason.cost)} for reason in each.reasons
        ],
    }


def _number(amount: Decimal | None) -> float | None:
    return None if amount is None else float(round(amount, 8))


def _plain(value: Decimal | int | None) -> str:
    return "" if value is None else f"{round(value, 8):f}" if isinstance(value, Decimal) else str(value)
