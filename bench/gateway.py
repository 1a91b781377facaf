"""What the vendors' doors cost beside our own, in one run: CPU a call, and milliseconds to the first token.

The doors take turns, so that whatever else the machine does falls on all of them alike; ratios are worth more than
single figures. `python -m bench.gateway` needs nothing running; `BENCH_GATEWAY` calls of each door and turn.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field
from typing import Any, Final

from bench.executions import CALLERS, DIRECT, Cpu
from bench.load import Sample, percentile, run
from bench.service import Service

CALLS = int(os.environ.get("BENCH_GATEWAY", "1500"))
TURNS: Final = 4
ONE_BY_ONE: Final = 50
"""Calls of a turn that are made one after the other, for the time to the first token."""
WORDS: Final = "Say something of thirty-two tokens."
TURN: Final = [{"role": "user", "content": WORDS}]
MODEL: Final = "openai/tokens-32"
OURS: Final = "/api/prompts/execute"
BODIES: Final[dict[str, dict[str, Any]]] = {
    OURS: {"model_id": MODEL, "prompt": WORDS, "parameters": {"max_tokens": 64}},
    "/v1/chat/completions": {"model": MODEL, "messages": TURN, "max_tokens": 64},
    "/v1/responses": {"model": MODEL, "input": WORDS, "max_output_tokens": 64},
    "/v1/messages": {"model": MODEL, "messages": TURN, "max_tokens": 64},
}


@dataclass
class Seen:
    """What the turns of one door showed: CPU in milliseconds a call, times to the first token in seconds."""

    cpu: list[float] = field(default_factory=list)
    web_cpu: list[float] = field(default_factory=list)
    per_minute: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    failures: int = 0


def _asked(door: str, *, is_streamed: bool) -> tuple[str, dict[str, Any]]:
    """Path and body."""
    if door == OURS:
        return (f"{OURS}/stream" if is_streamed else OURS), BODIES[OURS]
    return door, {**BODIES[door], "stream": is_streamed}


async def _calls(service: Service, door: str, *, is_streamed: bool, callers: int, calls: int) -> Sample:
    path, body = _asked(door, is_streamed=is_streamed)
    return await run(port=service.port, path=path, headers=service.headers, body=body, callers=callers, calls=calls)


async def _turn(service: Service, door: str, seen: Seen, *, is_streamed: bool) -> None:
    cpu = Cpu(service.tree)
    sample = await _calls(service, door, is_streamed=is_streamed, callers=CALLERS, calls=CALLS)
    seen.cpu.append(cpu.used() / CALLS * 1000)
    seen.web_cpu.append(cpu.used_by(service.web) / CALLS * 1000)
    seen.per_minute.append(sample.per_minute)
    seen.failures += sample.failures
    if is_streamed:
        seen.first += (await _calls(service, door, is_streamed=True, callers=1, calls=ONE_BY_ONE)).first


async def measure(service: Service, *, is_streamed: bool) -> tuple[dict[str, Seen], list[float]]:
    """By door; and the seconds to the provider's own first token."""
    found = {door: Seen() for door in BODIES}
    for door in found:
        await _calls(service, door, is_streamed=is_streamed, callers=CALLERS, calls=300)
    direct: list[float] = []
    for turn in range(TURNS):
        for door in (*found,) if turn % 2 else (*reversed(found),):
            await _turn(service, door, found[door], is_streamed=is_streamed)
        if is_streamed:
            body = {"model": "tokens-32", "stream": True, "messages": TURN}
            sample = await run(
                port=service.provider_port, path=DIRECT, headers={}, body=body, callers=1, calls=ONE_BY_ONE
            )
            direct += sample.first
    return found, direct


def _table(what: str, found: dict[str, Seen], direct: list[float]) -> None:
    own = found[OURS]
    heads = (
        ("CPU a call", 12),
        ("beside ours", 13),
        ("web alone", 12),
        ("a minute", 10),
        ("first token", 14),
        ("failed", 8),
    )
    print(f"{what:<24}" + "".join(f"{name:>{width}}" for name, width in heads))
    for door, seen in found.items():
        cpu, ours = percentile(seen.cpu, 0.5), percentile(own.cpu, 0.5)
        added = (percentile(seen.first, 0.5) - percentile(direct, 0.5)) * 1000
        first = f"+{added:.2f} ms" if seen.first else "-"
        print(
            f"{door:<24}{cpu:>9.2f} ms{cpu / ours:>11.2f} x{percentile(seen.web_cpu, 0.5):>9.2f} ms"
            f"{percentile(seen.per_minute, 0.5):>10,.0f}{first:>14}{seen.failures:>8}"
        )


def main() -> None:
    """Prints both tables."""
    with Service() as service:
        plain = asyncio.run(measure(service, is_streamed=False))
        streamed = asyncio.run(measure(service, is_streamed=True))
    print(f"{TURNS} turns of {CALLS:,} calls of 32 tokens, {CALLERS} at once; first tokens one call at a time, medians")
    _table("plain", *plain)
    _table("streamed", *streamed)


if __name__ == "__main__":
    main()
