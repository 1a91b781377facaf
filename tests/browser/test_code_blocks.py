"""Blocks of code in an answer: coloured over the text, copied as they came, without a move of the page."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import LONGEST_TASK, Visitor, tasks_of

CODE = 'def area(r):\n    """Of a circle."""\n    return 3.14 * r ** 2  # squared\n'
COLOURED = """() => [...CSS.highlights].flatMap(([kind, ranges]) => [...ranges]
    .filter((range) => range.startContainer.isConnected)
    .map((range) => [kind, range.startContainer.data.slice(range.startOffset, range.endOffset)])).sort()"""
RATIOS = """() => {
    const styles = getComputedStyle(document.documentElement);
    const probe = document.body.appendChild(document.createElement("span"));
    const light = (name) => {
        probe.style.setProperty("color", `var(${name})`);
        const [r, g, b] = getComputedStyle(probe).color.match(/[\\d.]+/g).map(Number)
            .map((value) => value / 255)
            .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const under = light("--sunken");
    return ["comment", "string", "number", "keyword"].map((kind) => {
        const over = light(`--code-${kind}`);
        return (Math.max(over, under) + 0.05) / (Math.min(over, under) + 0.05);
    });
}"""
TOKENS = """async (cases) => {
    const address = new URL(document.querySelector("script[src*='stream']").src);
    const folder = address.href.slice(0, address.href.lastIndexOf("/"));
    const { tokens } = await import(`${folder}/highlight.js`);
    return cases.map(([name, text]) => tokens(text, name).map(([kind, from, to]) => [kind[0], text.slice(from, to)]));
}"""


def test_code_is_coloured_and_copied_as_it_came(visitor: Visitor) -> None:
    page = visitor.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.run(f"```python\n{CODE}```\n\nand\n\n```json\n{{}}\n```", model="openai/echo")
    visitor.ended("completed")
    expect(page.locator(".code-block")).to_have_count(2)
    page.wait_for_function(f"() => ({COLOURED})().length >= 6")
    assert page.evaluate(COLOURED) == [
        ["code-comment", "# squared"],
        ["code-keyword", "def"],
        ["code-keyword", "return"],
        ["code-number", "2"],
        ["code-number", "3.14"],
        ["code-string", '"""Of a circle."""'],
    ]
    assert page.locator(".code-block code").first.evaluate("element => element.textContent") == CODE
    page.locator(".code-block pre").first.focus()
    page.keyboard.press("Tab")
    copy = page.get_by_role("button", name="Copy this code").first
    expect(copy).to_be_focused()
    expect(copy).to_have_css("opacity", "1")
    page.keyboard.press("Enter")
    expect(page.locator("#announcer")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == CODE


def test_colours_are_told_from_their_ground(visitor: Visitor) -> None:
    for scheme in ("light", "dark"):
        visitor.page.emulate_media(color_scheme=scheme)
        assert min(visitor.page.evaluate(RATIOS)) >= 4.5, scheme


def test_words_of_many_languages_are_known(visitor: Visitor) -> None:
    cases = [
        ("js", "const a = `x ${1}`; // no"),
        ("json", '{"a": [1, true]}'),
        ("bash", 'for f in *; do echo "$f # no"; done # yes'),
        ("sql", "select 'it''s', 1 -- no"),
        ("html", '<a href="x">no</a><!-- yes -->'),
        ("css", "a { color: red; } /* no */"),
        ("go", 'func f() { return "x" }'),
        ("rust", "fn f<'a>() { let x = 'c'; }"),
        ("java", "public int x = 0x1F; /* open"),
        ("c", 'char *s = "a\\"b";'),
        ("python", "f'''open # no"),
        ("toml", "key = 'x' # no"),
    ]
    told = [[tuple(each) for each in found] for found in visitor.page.evaluate(TOKENS, cases)]
    assert told == [
        [("k", "const"), ("s", "`x ${1}`"), ("c", "// no")],
        [("s", '"a"'), ("n", "1"), ("k", "true")],
        [("k", "for"), ("k", "in"), ("k", "do"), ("k", "echo"), ("s", '"$f # no"'), ("k", "done"), ("c", "# yes")],
        [("k", "select"), ("s", "'it''s'"), ("n", "1"), ("c", "-- no")],
        [("k", "<a"), ("s", '"x"'), ("k", ">"), ("k", "</a"), ("k", ">"), ("c", "<!-- yes -->")],
        [("k", "color"), ("c", "/* no */")],
        [("k", "func"), ("k", "return"), ("s", '"x"')],
        [("k", "fn"), ("k", "let"), ("s", "'c'")],
        [("k", "public"), ("k", "int"), ("n", "0x1F"), ("c", "/* open")],
        [("k", "char"), ("s", '"a\\"b"')],
        [("s", "f'''open # no")],
        [("k", "key"), ("s", "'x'"), ("c", "# no")],
    ]


def test_a_formula_is_left_readable(visitor: Visitor) -> None:
    visitor.run("It is $a_1 * b_2 * c$ and \\(x_1\\), *not* $5 and $10.", model="openai/echo")
    visitor.ended("completed")
    expect(visitor.page.locator(".answer-rendered")).to_have_text(
        re.compile(r"It is \$a_1 \* b_2 \* c\$ and \\\(x_1\\\), not \$5 and \$10\.")
    )
    expect(visitor.page.locator(".answer-rendered em")).to_have_text("not")


STREAM = """async ([text, size]) => {
    const address = new URL(document.querySelector("script[src*='stream']").src);
    const folder = address.href.slice(0, address.href.lastIndexOf("/"));
    const { rendering } = await import(`${folder}/rendering.js`);
    const article = document.createElement("article");
    const place = article.appendChild(document.createElement("div"));
    place.className = "answer-rendered";
    document.getElementById("output").replaceChildren(article);
    window.shifts = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => { window.shifts += entry.value; }))
        .observe({ type: "layout-shift" });
    const view = rendering(place, article);
    for (let at = 0; at < text.length; at += size) {
        view.add(text.slice(at, at + size));
        await new Promise((done) => setTimeout(done, 16));
    }
    return [window.shifts, place.querySelectorAll(".code-block").length];
}"""


def test_a_long_document_streams_without_a_long_task_or_a_shift(visitor: Visitor) -> None:
    table = "| a | b |\n|---|--:|\n| 1 | 2 |\n\n"
    part = f"## Part\n\nSome *words* with `code` and $a_1$.\n\n```python\n{CODE * 6}```\n\n{table}"
    text = part * 24 + "- and an item\n" * 20
    with tasks_of(visitor.page) as tasks:
        shifts, blocks = visitor.page.evaluate(STREAM, [text, 32])
    print(f"{len(text)} characters: the longest task took {max(tasks):.1f} ms, shifts {shifts:.4f}")
    assert blocks == 24
    assert max(tasks) <= LONGEST_TASK
    assert shifts < 0.1
