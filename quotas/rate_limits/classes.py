"""Which limit a request counts against.

Everything under /api/ and /v1/ has one, and so has every act of a page. The doors that begin more than one answer to
one call, or hold a connection open, stand in the lists here; a door that nobody has listed counts as STANDARD.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class RequestClass(StrEnum):
    """The classes, as the variables RATE_LIMIT_… name them."""

    STANDARD = "standard"
    STREAMING = "streaming"
    EVALUATION = "evaluation"


STREAMED: Final = (
    "POST /api/prompts/execute/stream",
    "GET /api/executions/*/stream",
    "POST /api/comparisons",
    "POST /executions",
    "POST /repeats",
    "POST /comparisons",
)
"""Answers that are followed word by word. Opening a socket counts as one of these (`playground.api.watch`)."""
OF_EVALUATIONS: Final = (
    "POST /api/evaluation/probabilistic",
    "POST /api/evaluation/compare",
    "POST /api/evaluation/*/resume",
    "POST /api/evaluation/*/rerun-errors",
    "POST /api/evaluation/*/rescore",
    "POST /api/evaluation/*/recommendations",
    "POST /api/evaluation/recommendations/*/verify",
    "POST /api/suites/*/run",
    "POST /api/datasets/*/proposals",
    "POST /evaluations/new",
    "POST /evaluations/*/resume",
    "POST /evaluations/*/rerun-errors",
    "POST /evaluations/*/rescore",
    "POST /evaluations/*/recommendations",
    "POST /evaluations/*/recommendations/*/verify",
    "POST /evaluations/suites/*/run",
    "POST /datasets/*/proposals",
)
"""What begins samples, judges' replies or proposals, many at once."""
STOPPING: Final = (
    "POST /api/executions/*/cancel",
    "POST /api/evaluation/*/pause",
    "POST /api/evaluation/*/cancel",
    "POST /api/evaluation/recommendations/rounds/*/cancel",
    "POST /executions/*/cancel",
    "POST /together/*/stop",
    "POST /comparisons/*/stop",
    "POST /evaluations/*/pause",
    "POST /evaluations/*/cancel",
    "POST /evaluations/*/recommendations/rounds/*/stop",
    "POST /logout",
)
"""Whatever ends something is never refused: it saves money, or keeps somebody out."""
BY_MCP_TOOL: Final = {"compare": RequestClass.STREAMING, "evaluate": RequestClass.EVALUATION}
"""What a call of `POST /mcp` counts as whose tool begins many at once, as the door does that it stands for."""
WHILE_TYPING: Final = (
    "POST /forecast",
    "POST /variables",
    "POST /compare",
    "POST /compare/forecast",
    "POST /templates/turns",
    "POST /templates/draft",
    "POST /evaluations/plan",
)
"""Fragments that a page fetches by itself while somebody fills in its form; they keep nothing and ask no model."""


def _any_of(doors: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(door).replace(r"\*", "[^/]+") for door in doors))


_STREAMED, _OF_EVALUATIONS = _any_of(STREAMED), _any_of(OF_EVALUATIONS)
_FREE = _any_of([*STOPPING, *WHILE_TYPING])
_PICTURES = re.compile(r"/api/artifacts/[^/]+/content")


def class_of(
    *, method: str, path: str, is_a_browser: bool, asks_for_a_stream: bool = False, mcp_tool: str = ""
) -> RequestClass | None:
    """The class of a request of somebody who is known; None for one that counts against nothing."""
    is_looking = method in ("GET", "HEAD", "OPTIONS")
    if path.startswith("/v1/"):
        return RequestClass.STREAMING if asks_for_a_stream else RequestClass.STANDARD
    if path == "/mcp":
        return BY_MCP_TOOL.get(mcp_tool, RequestClass.STANDARD)
    if not path.startswith("/api/"):
        if is_looking or path.startswith("/admin/"):
            return None
    elif is_looking and is_a_browser and _PICTURES.fullmatch(path):
        return None  # a page has as many as it shows
    door = f"{'GET' if method == 'HEAD' else method} {path}"
    if _STREAMED.fullmatch(door):
        return RequestClass.STREAMING
    if _OF_EVALUATIONS.fullmatch(door):
        return RequestClass.EVALUATION
    return None if _FREE.fullmatch(door) else RequestClass.STANDARD
