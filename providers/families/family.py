"""What the models of one family take, as a value; and what a row of the table, or an override, may say."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

from foundation.words import number

PARAMETERS: Final = frozenset(
    {
        "temperature",
        "max_tokens",
        "top_p",
        "frequency_penalty",
        "presence_penalty",
        "stop_sequences",
        "seed",
        "response_format",
        "reasoning_effort",
        "tool_choice",
    }
)
NUMBERS: Final = frozenset({"temperature", "top_p", "frequency_penalty", "presence_penalty"})
EFFORTS: Final = ("minimal", "low", "medium", "high")
WAYS_TO_THINK: Final = ("effort", "budget", "adaptive", "switch")
LIMIT_NAMES: Final = ("max_tokens", "max_completion_tokens")
MOST_TOKENS: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Pair:
    """Parameters of which only one is taken; with `at`, only while that one has this value."""

    these: tuple[str, ...]
    stays: str
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """A row of families.toml, whose head says what each field means. The empty one takes everything as it is."""

    name: str = ""
    refuses: frozenset[str] = frozenset()
    together: tuple[Pair, ...] = ()
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    most_stops: int | None = None
    blank_stops: bool = True
    thinking: str | None = None
    efforts: tuple[str, ...] = EFFORTS
    thinking_refuses: frozenset[str] = frozenset()
    thinking_counts: bool = False
    forced_tools: bool = True
    limit_name: str = "max_tokens"
    needs_limit: bool = False
    max_output_tokens: int | None = None

    def with_told(self, told: Mapping[str, Any]) -> Family:
        """This family with what `told` says instead; it holds (`faults`)."""
        return replace(self, **{name: _VALUES[name](value) for name, value in told.items()}) if told else self


ANY: Final = Family()
"""What is said of a model that nothing is known of: it takes everything as it is."""


def _pairs(rows: list[Mapping[str, Any]]) -> tuple[Pair, ...]:
    return tuple(Pair(tuple(row["these"]), row["stays"], row.get("at")) for row in rows)


def _ranges(rows: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    return {name: (low, high) for name, (low, high) in rows.items()}


def _as_it_is(value: Any) -> Any:
    return value


_VALUES: Final[Mapping[str, Callable[[Any], Any]]] = {
    each.name: _as_it_is for each in fields(Family) if each.name != "name"
} | {
    "refuses": frozenset,
    "thinking_refuses": frozenset,
    "efforts": lambda levels: tuple(level for level in EFFORTS if level in levels),
    "together": _pairs,
    "ranges": _ranges,
}


def faults(told: Any) -> list[str]:
    """What does not hold of a row's fields, each as a sentence with its name in front."""
    if not isinstance(told, Mapping):
        return ["an object is expected."]
    strange = [f"{_shown(str(name))}: there is no such field." for name in told if name not in _RULES]
    return strange + [
        f"{name}: {_RULES[name][1]}" for name in _RULES if name in told and not _RULES[name][0](told[name])
    ]


def _shown(name: str) -> str:
    return name[:50] if name.isprintable() else ascii(name[:50])


def _are_names(known: frozenset[str] | tuple[str, ...]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(isinstance(name, str) and name in known for name in value)


def _is_one_of(known: tuple[str, ...]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value in known


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_number(value: Any) -> bool:
    # A whole number of a thousand digits is none that a parameter could have.
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e9 and math.isfinite(value)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_TOKENS


def _is_pair(row: Any) -> bool:
    return (
        isinstance(row, Mapping)
        and {"these", "stays"} <= row.keys() <= {"these", "stays", "at"}
        and _are_names(PARAMETERS)(row["these"])
        and isinstance(row["stays"], str)
        and row["stays"] in row["these"]
        and (row.get("at") is None or _is_number(row["at"]))
    )


def _is_range(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(_is_number, value)) and value[0] <= value[1]


def _are_ranges(value: Any) -> bool:
    return isinstance(value, Mapping) and all(name in NUMBERS and _is_range(ends) for name, ends in value.items())


_NAMES: Final = (_are_names(PARAMETERS), f"a list of {', '.join(sorted(PARAMETERS))} is expected.")
_FLAG: Final = (_is_flag, "true or false is expected.")
_COUNT: Final = (_is_count, f"a whole number from 1 to {number(MOST_TOKENS)} is expected.")
_RULES: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "refuses": _NAMES,
    "together": (
        lambda value: isinstance(value, list) and all(map(_is_pair, value)),
        'a list of {"these": [names], "stays": one of them, "at"?: a number} is expected.',
    ),
    "ranges": (_are_ranges, f"{{name: [lowest, highest]}} of {', '.join(sorted(NUMBERS))} is expected."),
    "most_stops": _COUNT,
    "blank_stops": _FLAG,
    "thinking": (_is_one_of(WAYS_TO_THINK), f"one of {', '.join(WAYS_TO_THINK)} is expected."),
    "efforts": (
        lambda value: _are_names(EFFORTS)(value) and bool(value),
        f"a list of {', '.join(EFFORTS)} is expected.",
    ),
    "thinking_refuses": _NAMES,
    "thinking_counts": _FLAG,
    "forced_tools": _FLAG,
    "limit_name": (_is_one_of(LIMIT_NAMES), f"one of {', '.join(LIMIT_NAMES)} is expected."),
    "needs_limit": _FLAG,
    "max_output_tokens": _COUNT,
}
