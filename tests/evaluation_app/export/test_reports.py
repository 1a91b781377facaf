"""Reports to read: the sentence first, and no text of a model or a person can pass for a part of them."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from evaluation_app.export.markdown import LARGEST, LISTED, LONGEST_REASON
from evaluation_app.models import EvaluationTest
from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.evaluation_app.export.stored import Run, a_test, exported
from tests.history.stored import download

HOSTILE = (
    "a | b", "a\\| b", "a \\\\|b", "one\n\n# two\n| x |", "`code` | ``more``", "<script>alert(1)</script>", "]]>",
    "![p](http://evil.example/p.png)", "[x](javascript:alert(1))", "@everybody #1", "www.evil.example",
    "NUL \x00", "</code><b>bold</b>", "&lt;b&gt;", "\u202eturned", "$a$ ~~b~~ *c* _d_", "'; --",
)  # fmt: skip


def tables(tokens: list[Token]) -> list[list[list[Token]]]:
    """Tables as lines of cells, the heads first; a cell is its inline token."""
    found: list[list[list[Token]]] = []
    for token, after in zip(tokens, [*tokens[1:], tokens[-1]], strict=True):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type in ("th_open", "td_open"):
            found[-1][-1].append(after)
    return found


def said(cell: Token) -> str:
    """What a reader sees in a cell."""
    return "".join(part.content for part in cell.children or () if part.type in ("text", "text_special"))


def parsed(content: bytes) -> list[Token]:
    """The document as a forge reads it."""
    return MarkdownIt("commonmark").enable("table").parse(content.decode())


class Page(HTMLParser):
    """The elements and texts of a page."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(content.decode())

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def compared(author: Person, *, cases: int = 12, **fields: Any) -> EvaluationTest:
    """Two variants, of which the second fails every case, the last one by an error."""

    def outcome(variant: int, case: int, run: int) -> Run:
        if not variant:
            return Run()
        return Run("errored", reason="Too slow.") if case == cases - 1 else Run("failed", reason="No such word.")

    given = [{"name": f"Case number {place}"} for place in range(cases)]
    return a_test(author, outcome, cases=given, runs=2, variants=["plain", "terse"], name="Letters", **fields)


async def test_a_pull_request_is_told_the_verdict_and_what_it_rests_on(author: Person):
    test = await in_database_thread(compared, author)
    assert test.results
    tokens = parsed(await exported(author, test.id, "markdown"))
    heading, verdict = [token.content for token in tokens if token.type == "inline"][:2]
    assert heading == "Letters"
    assert verdict.startswith("**plain is better by 100 points")
    variants, comparisons, failing = tables(tokens)
    shown = [[said(cell) for cell in line] for line in variants]
    assert shown[0] == ["Variant", "Model", "Passes", "95 % interval", "Answers", "Cases", "Errors", "Cost"]
    assert shown[1][:3] == ["plain", "openai/echo", "100 %"]
    interval = test.results["variants"][0]["success_rate_interval"]
    assert shown[1][3:] == [f"{round(100 * interval['low'])} to 100 %", "24", "12", "0", "$0.0240"]
    assert (shown[2][2], shown[2][4:7]) == ("0 %", ["22", "11", "2"])
    (line,) = [[said(cell) for cell in line] for line in comparisons[1:]]
    assert line[:2] == ["terse against plain", "−100"]  # noqa: RUF001
    assert line[4].startswith("plain is better by 100 points")
    lines = [[said(cell) for cell in line] for line in failing[1:]]
    assert lines[0] == ["Case number 0", "terse", "failed: 0 of 2 runs passed", "contains: No such word."]
    assert lines[-1] == ["Case number 11", "terse", "errored: 2 without a judged answer", "Too slow."]
    assert len(lines) == 12


@pytest.mark.parametrize("text", HOSTILE)
async def test_no_text_is_a_part_of_the_markdown(author: Person, text: str):
    name = text.replace("\x00", "")

    def stored() -> EvaluationTest:
        return a_test(author, lambda *_: Run("failed", text, text), name=name, variants=[name], cases=[{"name": name}])

    test = await in_database_thread(stored)
    content = await exported(author, test.id, "markdown")
    tokens = parsed(content)
    variants, failing = tables(tokens)
    plain = " ".join(name.replace("\u202e", "").split())
    assert [len(line) for line in (*variants, *failing)] == [8, 8, 4, 4]
    assert said(variants[1][0]) == plain
    assert [said(cell) for cell in failing[1]][0::3] == [plain, f"contains: {plain}".strip()]
    kinds = {part.type for token in tokens for part in token.children or ()}
    assert kinds <= {"text", "softbreak", "html_inline", "strong_open", "strong_close", "text_special"}
    html = {part.content for token in tokens for part in token.children or () if part.type == "html_inline"}
    assert html <= {"<code>", "</code>", "<sub>", "</sub>"}
    assert not [token for token in tokens if token.type in ("html_block", "fence", "code_block", "image")]
    assert [token.tag for token in tokens if token.type == "heading_open"] == ["h2", "h3"]
    assert "@everybody" not in content.decode()
    assert "www.evil" not in content.decode()


async def test_long_texts_and_lists_are_cut_with_a_mark(author: Person):
    def stored() -> EvaluationTest:
        return a_test(author, lambda *_: Run("failed", reason="x" * 5_000), cases=[{}] * (LISTED + 7))

    test = await in_database_thread(stored)
    content = await exported(author, test.id, "markdown")
    tokens = parsed(content)
    _, failing = tables(tokens)
    assert len(failing) == LISTED + 1
    reason = said(failing[1][3])
    assert len(reason) <= LONGEST_REASON
    assert reason.endswith("[…]")
    assert "7 more not listed" in content.decode()
    assert len(content) < 65_000


async def test_a_report_is_never_longer_than_a_comment(author: Person):
    def stored() -> EvaluationTest:
        names = [{"name": "[" * 255}] * LISTED
        return a_test(author, lambda *_: Run("failed", reason="|" * 5_000), cases=names, variants=["*" * 255] * 3)

    test = await in_database_thread(stored)
    content = (await exported(author, test.id, "markdown")).decode()
    assert LARGEST / 2 < len(content) < 65_000
    _, failing = tables(parsed(content.encode()))[0::2]
    assert f"{3 * LISTED - len(failing) + 1} more not listed" in content


async def test_the_page_needs_nothing_and_runs_nothing(author: Person):
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>"

    def stored() -> EvaluationTest:
        outcome = [Run("failed", hostile, hostile), Run("errored", reason=hostile), Run()]
        return a_test(
            author, lambda _, case, __: outcome[case], name=hostile, variants=[hostile],
            cases=[{"name": hostile}] * 3,
        )  # fmt: skip

    test = await in_database_thread(stored)
    page = Page(await exported(author, test.id, "html"))
    tags = {tag for tag, _ in page.elements}
    assert tags.isdisjoint({"script", "img", "link", "iframe", "object", "form", "a"})
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert not [value for _, attributes in page.elements for name, value in attributes.items() if name == "src"]
    assert page.texts.count(hostile) >= 5
    style = next(text for text in page.texts if "prefers-color-scheme" in text)
    assert "url(" not in style
    assert "@import" not in style


async def test_the_page_says_what_the_markdown_says(author: Person):
    test = await in_database_thread(compared, author)
    page = Page(await exported(author, test.id, "html"))
    told = {text.strip().replace("\xa0", " ") for text in page.texts}
    for line in (line for table in tables(parsed(await exported(author, test.id, "markdown"))) for line in table):
        assert {said(cell) for cell in line} - told == set()


async def test_a_test_that_only_broke_has_a_report_without_figures(author: Person):
    def stored() -> EvaluationTest:
        return a_test(author, lambda *_: Run("errored", reason="Away."), cases=[{}, {}])

    test = await in_database_thread(stored)
    variants, failing = tables(parsed(await exported(author, test.id, "markdown")))
    assert [said(cell) for cell in variants[1]][2:7] == ["–", "–", "0", "0", "2"]  # noqa: RUF001
    assert [said(cell) for cell in failing[1]][2:] == ["errored: 1 without a judged answer", "Away."]
    assert (await download(author, f"/api/evaluation/{test.id}/export?format=html")).status == 200
