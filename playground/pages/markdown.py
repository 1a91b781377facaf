"""A model's answer as HTML that loads nothing and runs nothing.

Markdown first (raw HTML stays text), then a strict list of tags: sanitising before rendering is what
let markup through elsewhere (CVE-2026-44568). Images become links that a person may or may not follow.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.common.utils import unescapeAll
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from playground.pages import formulas

MAX_CHARACTERS = 60_000
"""Longer answers are shown as they came: rendering must not hold up a page."""

TEXT_TAGS = {"p", "br", "hr", "h3", "h4", "h5", "h6", "strong", "em", "s", "code", "pre", "blockquote", "a", "span"}
TAGS = TEXT_TAGS | {"ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td"}
SIDES = {f"align-{side}" for side in ("left", "center", "right")}
LANGUAGES = frozenset(
    [
        "python",
        "py",
        "javascript",
        "js",
        "jsx",
        "typescript",
        "ts",
        "tsx",
        "json",
        "bash",
        "sh",
        "shell",
        "zsh",
        "console",
        "sql",
        "html",
        "xml",
        "svg",
        "css",
        "go",
        "rust",
        "rs",
        "java",
        "c",
        "h",
        "cpp",
        "c++",
        "cs",
        "csharp",
        "kotlin",
        "swift",
        "php",
        "ruby",
        "rb",
        "yaml",
        "yml",
        "toml",
    ]
)
"""What a code block may say that it is in (static/js/highlight.js knows their words)."""
CLASSES = {
    "span": {"link-host", "task", "math"},
    "th": SIDES,
    "td": SIDES,
    "code": {f"language-{name}" for name in LANGUAGES},
}
COPY = '<button type="button" class="code-copy" data-copies-block="" aria-label="Copy this code">Copy</button>'
"""Beside each block of code."""
ATTRIBUTES = {"a": {"href", "target"}, "ol": {"start"}}
TOP_HEADING, LAST_HEADING = 3, 6
_TASK = re.compile(r"\[([ xX])\][ \t]+(?=\S)")
_BLOCK_OF_CODE = re.compile(r'<pre tabindex="0">.*?</pre>', re.DOTALL)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
"""Half a pair, as a model that counts in UTF-16 may cut it, cannot be written as UTF-8."""


def rendered(text: str) -> SafeString | None:
    """`text` as safe HTML; None when it is too long to render."""
    if len(text) > MAX_CHARACTERS:
        return None
    clean = nh3.clean(
        _LONE_SURROGATE.sub("\ufffd", _markdown.render(text)),
        tags=TAGS,
        attributes=ATTRIBUTES,
        allowed_classes=CLASSES,
        set_tag_attribute_values={"pre": {"tabindex": "0"}, "table": {"tabindex": "0"}},
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel="noopener noreferrer nofollow",
    )
    # What was said is escaped in it: the tags that are looked for are the renderer's own.
    whole = _BLOCK_OF_CODE.sub(lambda block: f'<div class="code-block">{block[0]}{COPY}</div>', clean)
    return mark_safe(whole)  # noqa: S308 - sanitised just above


def _languages_known(state: StateCore) -> None:
    """A block of code names its language where it is a known one."""
    for token in state.tokens:
        if token.type == "fence":
            name = unescapeAll(token.info).strip().partition(" ")[0].lower()
            token.info = name if name in LANGUAGES else ""


def _headings_in_order(state: StateCore) -> None:
    """Headings continue the page's own: they start at h3 and never skip a level."""
    last = TOP_HEADING - 1
    for token in state.tokens:
        if token.type == "heading_open":
            last = min(int(token.tag[1]) + TOP_HEADING - 1, last + 1, LAST_HEADING)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{last}"


def _columns_aligned(state: StateCore) -> None:
    """A column's side as a class: styles do not pass."""
    for token in state.tokens:
        if token.type in ("th_open", "td_open") and (style := token.attrs.pop("style", "")):
            token.attrSet("class", f"align-{str(style).removeprefix('text-align:')}")


def _tasks_boxed(state: StateCore) -> None:
    """What begins a list's item as `[ ]` or `[x]` is a box, which is only looked at."""
    for at, token in enumerate(state.tokens[2:], 2):
        opened = [each.type for each in state.tokens[at - 2 : at]]
        first = token.children[0] if token.type == "inline" and token.children else None
        if first is None or first.type != "text" or opened != ["list_item_open", "paragraph_open"]:
            continue
        if found := _TASK.match(token.content):
            box = Token("task", "span", 0, content="\N{BALLOT BOX}" if found[1] == " " else "\N{BALLOT BOX WITH CHECK}")
            first.content = _TASK.sub("", first.content, count=1)
            token.children = [box, *(token.children or ())]


def _task(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return f'<span class="task">{tokens[index].content}</span> '


def _link_open(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    tokens[index].attrSet("target", "_blank")
    return str(renderer.renderToken(tokens, index, options, env))


def _link_close(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    host = _host_of(_opening(tokens, index))
    shown = f'<span class="link-host">({nh3.clean_text(host)})</span>' if host else ""
    return f"</a>{shown}"


def _opening(tokens: Sequence[Token], index: int) -> Token:
    return next(token for token in reversed(tokens[:index]) if token.type == "link_open")


def _host_of(link: Token) -> str:
    try:
        return urlsplit(str(link.attrGet("href") or "")).hostname or ""
    except ValueError:
        return ""


def _build() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "breaks": True})
    markdown.enable(["table", "strikethrough"]).disable("image")
    formulas.install(markdown)
    markdown.core.ruler.push("languages_known", _languages_known)
    markdown.core.ruler.push("headings_in_order", _headings_in_order)
    markdown.core.ruler.push("columns_aligned", _columns_aligned)
    markdown.core.ruler.push("tasks_boxed", _tasks_boxed)
    markdown.add_render_rule("task", _task)
    markdown.add_render_rule("link_open", _link_open)
    markdown.add_render_rule("link_close", _link_close)
    return markdown


_markdown = _build()
