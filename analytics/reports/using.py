"""What was used: spending, what changed most, success, errors and the slowest models."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from django.urls import reverse

from analytics.reports import words
from analytics.reports.asking import Question
from analytics.reports.changes import ENOUGH, Change, Changes, difference
from analytics.reports.section import Line, Section, Table
from analytics.usage.naming import LINKS
from foundation.presentation.interval import outwards, wilson
from foundation.words import NOT_KNOWN, THIN, counted, money, number, seconds
from templates_app.versions.measured import Measured, Subject, measured

SHOWN: Final = 4
"""Rows of a table: the report is one page."""
NAMED: Final = 3
HEADS: Final = {"model": "Model", "template": "Template", "session": "Session", "user": "Person"}
COLUMNS: Final = ("Runs", "Week before", "Cost", "Week before")


def spending(changes: Changes) -> Section:
    """What was run and what it cost, and why that changed."""
    total = changes.total
    now, before = total.now or {}, total.before or {}
    found = [
        f"{counted(now['executions'], 'run')} for {words.cost(now)} and {number(now['tokens']['total'])} tokens; "
        f"in the week before {counted(before['executions'], 'run')} for {words.cost(before)}."
    ]
    if not total.is_comparable:
        found.append(words.too_few(total))
    else:
        found.append(f"The number of runs {words.moved(*total.runs)}.")
        if all(total.cost):
            causes = words.why(total)
            found.append(f"Cost {words.moved(*total.cost)}{f': {causes}' if causes else ''}.")
    if now["unpriced"]:
        found.append(f"{counted(now['unpriced'], 'run')} of this week: {NOT_KNOWN}, so not in the cost.")
    if now["cost_elsewhere"]:
        found.append(f"Calls made elsewhere cost {money(now['cost_elsewhere'])} beside it.")
    return Section("spending", "Spent and run", found)


def most_changed(changes: Changes) -> Section:
    """Which models, templates, sessions and people the change of cost comes from."""
    found, tables = list[str](), list[Table]()
    for group, each in changes.groups.items():
        if not any(change.key for change in each):
            continue
        found.extend(_first(group, each))
        tables.append(_table(group, each))
    return Section("changes", "What changed most", found or ["No model was asked in either week."], tables)


def _first(group: str, changes: list[Change]) -> Iterator[str]:
    first = changes[0]
    if not first.cost_change:
        return
    name, (now, before) = words.name_of(group, first), first.runs
    how = f"{HEADS[group]} with the largest change of cost: {name}, "
    how += f"{words.cost(first.now)} ({counted(now, 'run')}) after {words.cost(first.before)} ({number(before)})"
    if not before:
        yield f"{how}; it was not run in the week before."
    elif not now:
        yield f"{how}; it was run in the week before alone."
    elif causes := words.why(first):
        yield f"{how}: {causes}."
    else:
        yield f"{how}; too few to say why." if not first.is_comparable else f"{how}."


def _table(group: str, changes: list[Change]) -> Table:
    rest = len(changes) - SHOWN
    return Table(
        group, HEADS[group], COLUMNS, [_line(group, each) for each in changes[:SHOWN]],
        f"and {counted(rest, 'other')} that changed less" if rest > 0 else "",
    )  # fmt: skip


def _line(group: str, change: Change) -> Line:
    link = LINKS.get(group) if change.name else None
    now, before = change.runs
    name = change.name or words.name_of(group, change)
    cells = (number(now), number(before), words.cost(change.now), words.cost(change.before))
    return Line(name, reverse(link, args=[change.key]) if link else "", cells)


def success(asked: Question, changes: Changes) -> Section:
    """How many runs completed, and how often templates did well in their newest tests."""
    (now, tried), (before, tried_before) = (_rate(each) for each in (changes.total.now, changes.total.before))
    if not tried:
        found = ["No run has completed or failed."]
    else:
        low, high = outwards(*wilson(now, tried), of=tried)
        found = [f"{words.rate(now, tried)} of the runs completed; 95{THIN}% interval {low} to {high}{THIN}%."]
        if min(tried, tried_before) < ENOUGH:
            found.append(f"In the week before {counted(tried_before, 'run')} completed or failed: too few to compare.")
        else:
            found.append(_compared((now, tried), (before, tried_before)))
    return Section("success", "Success", [*found, *_of_tests(asked, changes)])


def _rate(figures: Any) -> tuple[int, int]:
    return (figures["completed"], figures["completed"] + figures["failed"]) if figures else (0, 0)


def _compared(now: tuple[int, int], before: tuple[int, int]) -> str:
    low, high = difference(now, before)
    told = f"In the week before it was {words.rate(*before)}"
    if low <= 0 <= high:
        return f"{told}: no difference that these numbers could show."
    ends = sorted((low, high), key=abs)
    return (
        f"{told}: {'higher' if low > 0 else 'lower'} now by {words.points(ends[0])} to {words.points(ends[1])} "
        f"percentage points (95{THIN}% interval)."
    )


def _of_tests(asked: Question, changes: Changes) -> Iterator[str]:
    """Of the templates that ran most this week, on the models that ran."""
    models = [each.key for each in changes.groups["model"] if each.key and each.runs[0]]
    templates = [each for each in changes.groups["template"] if each.key and each.name and each.runs[0]]
    told = 0
    for each in sorted(templates, key=lambda change: -change.runs[0])[:NAMED]:
        for model, known in measured(asked.viewer, Subject(template_id=UUID(each.key)), models).items():
            yield _tested(words.name_of("template", each), model, known)
            told += 1
    if templates and not told:
        yield "No test has measured the templates that ran most: a test would tell how good their answers are."


def _tested(name: str, model: str, known: Measured) -> str:
    version = "" if known.version is None else f", version {known.version}"
    interval = ""
    if known.low is not None and known.high is not None:
        low, high = outwards(known.low, known.high, of=known.samples)
        interval = f"95{THIN}% interval {low} to {high}{THIN}%, "
    share = f"{known.rate:.1%}".replace(".0%", "%").replace("%", f"{THIN}%")
    base = f"{interval}{counted(known.samples, 'sample')}"
    return f"{name}{version} passed {share} of its newest test on {model} ({base})."


def errors(changes: Changes) -> Section:
    """Failed runs by code."""
    codes = errors_of(changes)
    now = (changes.total.now or {}).get("failed", 0)
    if not now:
        return Section("errors", "Errors", ["No run failed."])
    told = ", ".join(f"{code} {number(each)} ({number(before)})" for code, each, before in codes[:NAMED] if each)
    found = [f"{counted(now, 'run')} failed: {told}; in brackets the week before."]
    if new := [code for code, each, before in codes if each and not before]:
        found.append(f"Not seen in the week before: {', '.join(new[:NAMED])}.")
    return Section("errors", "Errors", found)


def errors_of(changes: Changes) -> list[tuple[str, int, int]]:
    """Each code with its failed runs in this week and in the one before, the most common first."""
    now, before = (Counter((each or {}).get("errors") or {}) for each in (changes.total.now, changes.total.before))
    found = [(code, now[code], before[code]) for code in {*now, *before}]
    return sorted(found, key=lambda each: (-each[1], -each[2], each[0]))


def slowest(changes: Changes) -> Section:
    """The models with the longest p95, of those with runs enough for one."""
    known = [each for each in changes.groups["model"] if _times(each.now)["n"] >= ENOUGH]
    if not known:
        told = f"No model has {ENOUGH} completed runs: too few to tell a 95th percentile."
        return Section("slowest", "Slowest models", [told])
    known.sort(key=lambda each: -_times(each.now)["p95"])
    return Section("slowest", "Slowest models", [_slow(each) for each in known[:NAMED]])


def _times(figures: Any) -> dict[str, Any]:
    return (figures or {}).get("latency") or {"n": 0, "p95": None}


def _slow(each: Change) -> str:
    now, before = _times(each.now), _times(each.before)
    told = f"{each.key}: 95 of 100 of its {counted(now['n'], 'run')} took at most {seconds(now['p95'])}"
    if before["n"] >= ENOUGH:
        return f"{told}; {seconds(before['p95'])} in the week before."
    return f"{told}; too few in the week before ({number(before['n'])})."
