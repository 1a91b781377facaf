"""Formulas in Markdown: they stay readable as they were written, and nothing in them is taken for Markdown.

`$…$`, `$$…$$`, `\\(…\\)` and `\\[…\\]`; amounts of money are none (`$5 and $10`). static/js/markdown.js reads them
alike.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

_CLOSES = {"$$": "$$", "\\(": "\\)", "\\[": "\\]"}
_IN_LINE = re.compile(r"\$(?=[^\s$])((?:\\[^\n]|[^$\\\n`])*)\$(?![0-9A-Za-z])")
_INDENT = re.compile(r"\n[ \t]+")


def install(markdown: MarkdownIt) -> None:
    """Has the renderer leave formulas as they are, in `span.math`."""
    markdown.block.ruler.before("fence", "math_block", _block)
    markdown.inline.ruler.before("escape", "math", _in_line)
    markdown.add_render_rule("math", _shown)


def _in_line(state: StateInline, silent: bool) -> bool:
    """`$…$`, `$$…$$`, `\\(…\\)` and `\\[…\\]` stay as they were written: what looks like Markdown in them is none."""
    found = _formula_at(state.src[: state.posMax], state.pos)
    if not found:
        return False
    if not silent:
        if found == "$$":
            state.pending += found
        else:
            state.push("math", "span", 0).content = _INDENT.sub("\n", found)
    state.pos += len(found)
    return True


def _formula_at(src: str, at: int) -> str:
    """The formula that begins there; `$$` alone where it is closed nowhere; nothing where none begins."""
    opening = src[at : at + 2]
    if closing := _CLOSES.get(opening):
        end = src.find(closing, at + 2)
        if end >= 0 and src[at + 2 : end].strip(" \t\n"):
            return src[at : end + 2]
        return "$$" if opening == "$$" else ""
    if src[at : at + 1] != "$" or (at and src[at - 1].isascii() and src[at - 1].isalnum()):
        return ""
    found = _IN_LINE.match(src, at)
    return found[0] if found and not found[1][-1:].isspace() else ""


def _block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Lines from one that begins with `$$` or `\\[` to one that ends with its closing: nothing else is in them."""
    first = _line(state, start)
    closing = _CLOSES.get(first[:2]) if first[:2] != "\\(" else None
    if closing is None or closing in first[2:] or state.is_code_block(start):
        return False
    last = start + 1
    while last < end and not state.isEmpty(last) and state.sCount[last] >= state.blkIndent:
        if _line(state, last).rstrip(" \t").endswith(closing):
            break
        last += 1
    else:
        return False
    if silent:
        return True
    state.line = last + 1
    state.push("paragraph_open", "p", 1).map = [start, state.line]
    inline = state.push("inline", "", 0)
    inline.content, inline.map = state.getLines(start, state.line, state.blkIndent, False).strip(), [start, state.line]
    inline.children = []
    state.push("paragraph_close", "p", -1)
    return True


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _shown(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return f'<span class="math">{escapeHtml(tokens[index].content)}</span>'
