"""A report fit for a pull request: short, and no text in it can pass for a part of it, call anybody or be followed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from evaluation_app.export.format import Format
from evaluation_app.export.outcomes import CaseOutcome
from evaluation_app.export.report import Report, VariantLine
from evaluation_app.export.texts import cut, readable
from evaluation_app.models import EvaluationTest
from foundation.downloads.markdown import inline
from foundation.words import number

Line = tuple[str, ...]
"""Cells of a table, as they are written."""
LISTED: Final = 50
"""Cases that did not pass."""
LARGEST: Final = 60_000
"""Characters; forges take comments of some 65,000."""
LONGEST_NAME: Final = 120
LONGEST_REASON: Final = 300
CALLS: Final = re.compile(r"(?<!\w)@")
"""What a forge takes for somebody's name, and writes to them."""


def write(test: EvaluationTest) -> Iterator[bytes]:
    """The report."""
    yield report_of(test, room=LARGEST).encode()


def report_of(test: EvaluationTest, *, room: int) -> str:
    """The report in about so many characters: what did not pass is cut short first."""
    report = Report(test, most=LISTED)
    told = list(_figures(report))
    told += _failing(report, room=room - sum(map(len, told)))
    return "\n\n".join([*told, f"<sub>{_words(report.method)}</sub>"]) + "\n"


def headed(title: str, sentences: Iterable[str]) -> str:
    """A heading with a line a sentence, for what stands above reports."""
    lines = [f"- {_words(sentence)}" for sentence in sentences]
    return "\n\n".join([f"# {_words(title)}", "\n".join(lines)]) + "\n"


def _figures(report: Report) -> Iterator[str]:
    yield f"## {_words(report.test.name)}"
    yield from (f"**{_words(verdict)}**" for verdict in report.verdicts)
    if baseline := (report.test.results or {}).get("baseline"):
        yield _words(baseline["sentence"])
    yield from (_words(note) for note in report.notes)
    yield _table(
        ("Variant", "Model", "Passes", _words(f"{report.confidence} interval"), "Answers", "Cases", "Errors", "Cost"),
        map(_variant, report.variants),
    )
    if report.comparisons:
        yield "### Comparisons"
        yield _table(
            ("Comparison", "Points", "Adjusted interval", "Adjusted p", "Verdict"),
            (
                tuple(map(_words, (line.pair, line.difference, line.interval, line.p_value, line.verdict)))
                for line in report.comparisons
            ),
        )


def _failing(report: Report, *, room: int) -> Iterator[str]:
    """What did not pass, in as many characters as there is room for."""
    lines: list[Line] = []
    for line in map(_case, report.listed):
        room -= sum(map(len, line))
        if room < 0:
            break
        lines.append(line)
    if lines:
        yield f"### Did not pass every time: {number(report.unfortunate)}"
        yield _table(("Case", "Variant", "Outcome", "Why"), lines)
    if more := report.unfortunate - len(lines):
        yield f"{number(more)} more not listed\\."


def _variant(line: VariantLine) -> Line:
    figures = (line.rate, line.interval, line.answers, line.cases, line.errors, line.cost)
    return _code(line.name), _code(line.model), *map(_words, figures)


def _case(outcome: CaseOutcome) -> Line:
    name = _code(cut(str(outcome.case), LONGEST_NAME))
    reason = _code(cut(outcome.reason, LONGEST_REASON)) if outcome.reason else ""
    return name, _code(cut(outcome.variant, LONGEST_NAME)), _words(f"{outcome.kind}: {outcome.fraction}"), reason


def _table(head: Line, rows: Iterable[Line]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _words(text: str) -> str:
    return CALLS.sub("@\N{ZERO WIDTH SPACE}", inline(readable(text)))


def _code(text: str) -> str:
    """A quoted text as inline code: what is written so calls nobody and leads nowhere.

    Not between backticks: within a table, GFM reads a backslash before a bar in them otherwise than outside.
    """
    plain = " ".join(readable(text).split())
    return "<code>" + "".join(letter if _is_harmless(letter) else f"&#{ord(letter)};" for letter in plain) + "</code>"


def _is_harmless(letter: str) -> bool:
    return letter.isalnum() or letter in " ,;=/'%+?" or not letter.isascii()


MARKDOWN: Final = Format("markdown", "Markdown report", "text/markdown; charset=utf-8", ".md", write, is_report=True)
