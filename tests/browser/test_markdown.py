"""An answer's Markdown: the page renders it while it comes as the server does at its end."""

from __future__ import annotations

import random
import re
from html import unescape
from pathlib import Path

from django.conf import settings
from playwright.sync_api import expect

from playground.pages.markdown import rendered
from tests.browser.conftest import LONG, Visitor

ODD = (
    "# T\ntext\n===\n- a\n  - b\n\n    c\n1.\n\n2. two",
    "- > b\nlazy\n# end",
    "| a | b |\n|:-:|--:|\n| 1 | `x\\|y` |\n> q",
    "- [ ] open\n- [x] done\n* [ ]",
    "***both*** a*b*c __x__y ~~gone~~ **“q”**w",
    '[l](http://a.b/c "t") [x](javascript:1) ![i](http://x.y)',
    "<b>hi</b> &amp; &copy; &bogus; &#65; <http://a.b> \\*no\\*",
    "```py\nx = 1\n```\n~~~\nopen",
    "  1. a\n    - b\n  2. c",
    "a\n---\nb\n***\n- x\n\n  y\n- z",
    "-\n    still ten",
    "10) ten\n11) eleven\n    deep",
    "`` a ` b `` `x",
    "line  \nline\\\nend",
    "so $a_1 * b_2 * c$ and *this* and $$x_1\n  *y* _z_$$ cost $5 and $10, US$5 or $ 6 $, $x*",
    "\\(a_1 * b_1\\) and \\[c\\_d\\], \\( \\) \\(open *it*",
    "$$\n  a\n- b_1\n= c * d * e\n$$\nafter\n\n\\[\nx_1\n\\] ",
    "- $$\n  a\n  # b\n  $$\n- c\n\n> \\[\n> - x\n> \\]\n\n$$\n- open\n\n- list",
    "[a $x](http://u.v) y$ `$` $`x`$ **$a*b$** $a$b$ |$|",
    "```Python title\nx = 1\n```\n```c++\nint x;\n```\n```unknown\n$x$\n```",
)
READ = """async ([texts, step]) => {
    const address = new URL(document.querySelector("script[src*='stream']").src);
    const folder = address.href.slice(0, address.href.lastIndexOf("/"));
    const { rendering } = await import(`${folder}/rendering.js`);
    return texts.map((text) => {
        const place = document.createElement("div"), article = document.createElement("article");
        const view = rendering(place, article);
        for (let at = 0; at < text.length; at += step) view.add(text.slice(at, at + step));
        return place.innerHTML;
    });
}"""
BLOCK = r"(?:p|ul|ol|li|blockquote|h\d|pre|table|thead|tbody|tr|th|td|hr|br|div)"


def plain(html: str) -> str:
    """Without line breaks between blocks, and with attributes in one order."""
    html = re.sub(r"<(\w+)((?: [\w-]+=\"[^\"]*\")+)>", _in_order, html)
    html = re.sub(rf"(</?{BLOCK}\b[^>]*>)\n+", r"\1", html)
    return unescape(re.sub(rf"\n+(</?{BLOCK}\b[^>]*>|</code></pre>)", r"\1", html)).strip()


def _in_order(tag: re.Match[str]) -> str:
    attributes = sorted(re.findall(r' [\w-]+="[^"]*"', tag[2]))
    return f"<{tag[1]}{''.join(attributes)}>"


def documents() -> list[str]:
    """Every section of the project's own documents."""
    files = [*Path(settings.BASE_DIR).glob("*.md"), *sorted(Path(settings.BASE_DIR, "docs").rglob("*.md"))]
    return [part for file in files for part in re.split(r"\n(?=#)", file.read_text()) if len(part) < 20_000]


def test_what_comes_is_rendered_as_what_has_come(visitor: Visitor) -> None:
    texts = [*ODD, *documents()]
    wanted = [plain(rendered(text) or "") for text in texts]
    for step in (1_000_000, 7):
        shown = [plain(html) for html in visitor.page.evaluate(READ, [texts, step])]
        assert [pair for pair in zip(texts, shown, wanted, strict=True) if pair[1] != pair[2]] == []


def test_any_order_of_pieces_does_no_harm(visitor: Visitor) -> None:
    source = random.Random(21)
    pieces = [
        "# T",
        "- a",
        "  - b",
        "1. x",
        "> q",
        "```",
        "| a | b |",
        "|---|---|",
        "***",
        "===",
        "",
        "    code",
        "text *a* `b`",
        "<i>",
        "[x](",
    ]
    texts = ["\n".join(source.choices(pieces, k=9)) for _ in range(300)]
    shown = visitor.page.evaluate(READ, [texts, 5])
    assert all("<i>" not in html and "<script" not in html for html in shown)
    wanted = [plain(rendered(text) or "") for text in texts]
    same = sum(plain(html) == told for html, told in zip(shown, wanted, strict=True))
    assert same >= 295, same


def test_tokens_are_rendered_as_they_come(visitor: Visitor) -> None:
    page = visitor.page
    visitor.run(model=LONG)
    expect(page.locator("article[data-live] .answer-rendered p")).to_contain_text("quick")
    expect(page.locator("article[data-live] .answer-raw")).to_be_hidden()
    page.get_by_role("button", name="Raw", exact=True).click()
    expect(page.locator("article[data-live] .answer-raw")).to_be_visible()
    page.keyboard.press("Escape")
    visitor.ended("cancelled")
