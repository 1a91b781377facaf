"""Usage as the API tells it: money in USD, times in seconds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from accounts.models import User
from analytics.usage.asking import TIMES, Asked
from analytics.usage.figures import Figures
from analytics.usage.naming import names_of
from analytics.usage.reading import Usage
from analytics.usage.sums import LINES

SHARES: Final = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


def usage_json(asked: Asked, usage: Usage, *, viewer: User) -> dict[str, Any]:
    """The whole answer."""
    is_detailed = len(asked.groups) == 1
    names = [
        names_of(group, {row[number] for row in usage.rows}, viewer=viewer) for number, group in enumerate(asked.groups)
    ]
    results = [
        {
            "group": {
                group: key_json(group, value, zone=asked.zone) for group, value in zip(asked.groups, row, strict=True)
            },
            "name": ", ".join(filter(None, (told.get(value) for told, value in zip(names, row, strict=True)))) or None,
            **figures_json(figures, is_detailed=is_detailed),
        }
        for row, figures in usage.rows.items()
    ]
    return {
        "from": _in_utc(asked.since),
        "to": _in_utc(asked.before),
        "time_zone": asked.zone,
        "group_by": list(asked.groups),
        "total": figures_json(usage.total),
        "results": results if asked.groups else [],
        "others": usage.others and {
            "groups": usage.others_count, **figures_json(usage.others, is_detailed=False)
        },
    }  # fmt: skip


def _in_utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def key_json(group: str, value: Any, *, zone: str) -> str | None:
    """An hour with its offset, the first day of a day, week or month, else an id or a word; null of none."""
    if group not in TIMES:
        return None if value in (None, "") else str(value)
    moment: datetime = value
    return moment.replace(tzinfo=ZoneInfo(zone)).isoformat() if group == "hour" else moment.date().isoformat()


def figures_json(figures: Figures, *, is_detailed: bool = True) -> dict[str, Any]:
    """Sums of one group; without details no errors and no times are told, which is null."""
    return {
        "executions": figures.executions,
        "completed": figures.completed,
        "failed": figures.failed,
        "cancelled": figures.cancelled,
        "cached": figures.cached,
        "success_rate": figures.success_rate,
        "tokens": {
            "prompt": figures.prompt_tokens,
            "completion": figures.completion_tokens,
            "total": figures.tokens,
            "cache_read": figures.cache_read_tokens,
            "cache_write": figures.cache_write_tokens,
            "reasoning": figures.reasoning_tokens,
        },
        "cost": float(figures.cost),
        "cost_by_line": {line: float(figures.cost_of(line)) for line in (*LINES, "other")},
        "cost_elsewhere": float(figures.cost_elsewhere),
        "unpriced": figures.unpriced,
        "errors": dict(figures.errors.most_common()) if is_detailed else None,
        "latency": _times(figures, "latency") if is_detailed else None,
        "time_to_first_token": _times(figures, "first_token") if is_detailed else None,
    }


def _times(figures: Figures, of: str) -> dict[str, Any]:
    found = figures.percentiles(of, tuple(SHARES.values()))
    return {
        "n": sum(getattr(figures, of).values()),
        "mean": figures.mean(of),
        **(dict(zip(SHARES, found, strict=True)) if found else dict.fromkeys(SHARES)),
    }
