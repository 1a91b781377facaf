"""What time it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone

from playground.tools.tool import Caller, Tool, ToolFailed


class CurrentTime(Tool):
    """Models know neither the day nor the hour."""

    name = "current_time"
    category = "time"
    description = "Tells the current date and time, in UTC or in a time zone by its IANA name."
    parameters: Mapping[str, Any] = {
        "type": "object",
        "properties": {"timezone": {"type": "string", "maxLength": 100, "description": "e.g. Europe/Vienna"}},
        "additionalProperties": False,
    }
    examples = ({}, {"timezone": "Europe/Vienna"})

    async def run(self, arguments: Mapping[str, Any], caller: Caller) -> Any:
        """`{"time" (ISO 8601), "weekday", "timezone", "unix" (seconds)}`."""
        name = arguments.get("timezone") or "UTC"
        return told(timezone.now(), name)


def told(now: datetime, name: str) -> dict[str, Any]:
    """The moment as it is called in this time zone; raises ToolFailed where there is none of that name."""
    try:
        local = now.astimezone(ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ToolFailed(f"There is no time zone {name!r}; IANA names are taken, such as Europe/Vienna.") from None
    return {
        "time": local.isoformat(timespec="seconds"),
        "weekday": f"{local:%A}",
        "timezone": name,
        "unix": int(now.timestamp()),
    }
