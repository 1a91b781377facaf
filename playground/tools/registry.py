"""Which tools there are: those that come with the service, and those that administrators have set up."""

from __future__ import annotations

from typing import Final

from playground.tools.builtin.calculator import Calculator
from playground.tools.builtin.clock import CurrentTime
from playground.tools.builtin.json_query import JsonQuery
from playground.tools.builtin.metrics import CalculateMetrics
from playground.tools.tool import Tool

BUILT_IN: Final[tuple[Tool, ...]] = (Calculator(), CurrentTime(), JsonQuery(), CalculateMetrics())


async def tools() -> dict[str, Tool]:
    """Every tool that can be offered, by name."""
    return {tool.name: tool for tool in BUILT_IN}
