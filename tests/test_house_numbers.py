"""The order of the house: a number in a sentence has thin spaces between its thousands, by `foundation.words` alone."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundation.templatetags.figures import dollars, thin
from foundation.words import THIN, measured, money, number
from tests.test_house import OURS, ROOT

THE_ONE_PLACE = Path("foundation/words.py")
WITH_A_COMMA = re.compile(r"(?<![\d,.{])[1-9]\d{0,2}(?:,\d{3})+(?![\d}])")
BY_A_COMMA = re.compile(r",(?:\.[^ ]+)?[a-z]?['\"]$")
IN_TEMPLATES = re.compile(r"intcomma|\|\s*floatformat:\"-?\d+g|\$\{\{[^}]*floatformat")
NO_SENTENCE = re.compile(r"\b(?:LIMIT|SELECT|SET LOCAL|CASE WHEN|UPDATE)\b|::bigint|statement_timeout|--map-|https?://")
"""What programs read: SQL, options of commands, addresses."""
NOT_FOR_PEOPLE = {
    ("playground/tools/calling.py", "MOST_RESULT"): "the model reads what its tool's result is cut to",
    ("analytics/reports/weeks.py", "EARLIEST"): "a year",
}


def modules() -> Iterator[Path]:
    """Every module of the product but its migrations, from the root."""
    for app in OURS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT)


def commas(tree: ast.AST) -> Iterator[int]:
    """Lines of f-strings that group by a comma, and of sentences with such a number; docstrings may have one."""
    described = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if not isinstance(node, (ast.FormattedValue, ast.Constant)):
            continue
        if isinstance(node, ast.FormattedValue):
            is_one = bool(node.format_spec and BY_A_COMMA.search(ast.unparse(node.format_spec)))
        else:
            text = node.value if id(node) not in described else None
            is_one = isinstance(text, str) and " " in text and bool(WITH_A_COMMA.search(text))
        if is_one:
            yield node.lineno


def limits(path: Path, tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Constants of a thousand and more that a sentence has as they are."""
    wanted = [
        part.value.id
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr) and " " in ast.unparse(node) and not NO_SENTENCE.search(ast.unparse(node))
        for part in node.values
        if isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.Name) and not part.format_spec
        if part.value.id.isupper()
    ]
    module = importlib.import_module(".".join(path.with_suffix("").parts)) if wanted else None
    for name in wanted:
        value = getattr(module, name, None)
        if isinstance(value, (int, float)) and abs(value) >= 1000:
            yield str(path), name


def test_thousands_are_never_parted_by_a_comma() -> None:
    found = [
        f"{path}:{line}"
        for path in modules()
        if path != THE_ONE_PLACE
        for line in commas(ast.parse((ROOT / path).read_text()))
    ]
    assert found == []


def test_the_look_at_commas_finds_both_ways() -> None:
    lines = 'f"{most:,} rows"', 'f"{most:,.2f} rows"', 'x = "up to 20,000"', '"""5,000 of them"""', 'y = "[a]{1,100} x"'
    assert sorted(commas(ast.parse("\n".join(lines)))) == [1, 2, 3]


def test_limits_in_sentences_are_parted() -> None:
    found = {each for path in modules() for each in limits(path, ast.parse((ROOT / path).read_text()))}
    assert found == NOT_FOR_PEOPLE.keys()


def test_templates_part_thousands_as_python_does() -> None:
    pages = sorted((ROOT / "templates").rglob("*.html"))
    assert [page.name for page in pages if IN_TEMPLATES.search(page.read_text())] == []


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        (number(999), "999"),
        (number(1_234_567), "1~234~567"),
        (number(-1_234.5), "-1~234.5"),
        (number(1_234.5, places=0), "1~234"),
        (money(1_234.5), "$1~234.50"),
        (money(-1_234.5), "-$1~234.50"),
        (measured(1_234_567.8), "1~234~570"),
        (measured(0.000012345), "0.000012345"),
        (measured(0.9), "0.9"),
        (thin(12_345.6789, -3), "12~345.679"),
        (thin(12_000.0, -3), "12~000"),
        (thin(None, -3), None),
        (dollars(-1_234.5, 6), "-$1~234.500000"),
        (dollars("unknown", 2), "unknown"),
    ],
)
def test_a_number_is_told_with_thin_spaces(told: str | None, wanted: str | None) -> None:
    assert told == (wanted and wanted.replace("~", THIN))
