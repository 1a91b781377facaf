"""Which tools there are: those that come with the service, and those that administrators have set up."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any, Final

from foundation.database.threads import in_database_thread
from foundation.sealing.encryption import CannotDecrypt
from playground.models import HttpTool
from playground.tools.builtin.calculator import Calculator
from playground.tools.builtin.clock import CurrentTime
from playground.tools.builtin.json_query import JsonQuery
from playground.tools.builtin.knowledge import SearchKnowledgeBase
from playground.tools.builtin.metrics import CalculateMetrics
from playground.tools.http import BehindAddress
from playground.tools.mcp.listing import servers
from playground.tools.mcp.remote import offered_of
from playground.tools.tool import Tool

logger = logging.getLogger(__name__)

BUILT_IN: Final[tuple[Tool, ...]] = (
    Calculator(),
    CurrentTime(),
    JsonQuery(),
    CalculateMetrics(),
    SearchKnowledgeBase(),
)


async def tools() -> dict[str, Tool]:
    """Every tool that can be offered, by name; what comes with the service cannot be taken over by another."""
    rows = await in_database_thread(_set_up)
    return {**rows, **{tool.name: tool for tool in BUILT_IN}}


async def defined(named: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What a call names as its tools, as a model is told of them: registered ones by their definitions."""
    given = list(named)
    if not any(tool.get("registered") for tool in given):
        return given
    known = await tools()
    return [known[t["name"]].definition() if t.get("registered") and t["name"] in known else t for t in given]


def _set_up() -> dict[str, Tool]:
    found: dict[str, Tool] = {}
    for row in HttpTool.objects.filter(is_enabled=True).order_by("name"):
        try:
            found[row.name] = BehindAddress(row)
        except CannotDecrypt:
            # One row that cannot be opened hides no other (F43).
            logger.warning("tool_unreadable", extra={"tool": row.name})
    for server in servers():
        try:
            # A tool behind an address is not taken over by a server's.
            found = {**{tool.name: tool for tool in offered_of(server)}, **found}
        except CannotDecrypt:
            logger.warning("tool_unreadable", extra={"tool": server.name})
    return found
