"""The first four rows of the budget: plain and streamed executions, time to first token, a hundred streams at once.

Simulator, service and load generator share the machine; ratios of one run are worth more than single figures.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from dataclasses import dataclass

import psutil

from bench import peer
from bench.load import Sample, percentile, run
from bench.peer import Peer
from bench.service import Service

PLAIN, STREAM = "/api/prompts/execute", "/api/prompts/execute/stream"
DIRECT = "/v1/chat/completions"
CALLERS = 50


@dataclass
class Row:
    """One line of the table."""

    what: str
    measured: str
    budget: str
    spec: str


def _body(model: str) -> dict[str, object]:
    return {
        "model_id": f"openai/{model}",
        "prompt": "Say something of thirty-two tokens.",
        "parameters": {"max_tokens": 64},
    }


def _direct(model: str) -> dict[str, object]:
    return {"model": model, "stream": True, "messages": [{"role": "user", "content": "Say something."}]}


class Cpu:
    """CPU seconds of a process and all that it has started, from now on; one that ends meanwhile is not counted."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process
        self._before = self._now()

    def _now(self) -> dict[int, float]:
        used = {}
        for each in (self._process, *self._process.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                times = each.cpu_times()
                used[each.pid] = float(times.user + times.system)
        return used

    def used(self) -> float:
        """Since this object was made."""
        return sum(seconds - self._before.get(pid, 0.0) for pid, seconds in self._now().items())

    def used_by(self, process: psutil.Process) -> float:
        """Of it, by one of the processes."""
        return self._now()[process.pid] - self._before[process.pid]


@dataclass
class Load:
    """What many calls showed: CPU in milliseconds a call."""

    sample: Sample
    cpu: float
    web_cpu: float = 0.0


async def throughput(service: Service, path: str, calls: int) -> Load:
    """Calls of 50 callers to us."""
    common = {"port": service.port, "path": path, "headers": service.headers, "callers": CALLERS}
    await run(**common, body=_body("tokens-32"), calls=300)  # type: ignore[arg-type]
    cpu = Cpu(service.tree)
    sample = await run(**common, body=_body("tokens-32"), calls=calls)  # type: ignore[arg-type]
    return Load(sample, cpu.used() / calls * 1000, cpu.used_by(service.web) / calls * 1000)


async def peers_throughput(peer: Peer, calls: int, *, is_streamed: bool) -> Load:
    """The same to ferrogw."""
    body = peer.body("tokens-32", is_streamed=is_streamed)
    common = {"port": peer.port, "path": peer.path, "headers": peer.headers, "callers": CALLERS, "body": body}
    await run(**common, calls=300)  # type: ignore[arg-type]
    cpu = Cpu(peer.tree)
    sample = await run(**common, calls=calls)  # type: ignore[arg-type]
    return Load(sample, cpu.used() / calls * 1000)


async def first_token(service: Service) -> float:
    """Milliseconds that the service adds to the first token, one call at a time (medians)."""
    ours = await run(
        port=service.port, path=STREAM, headers=service.headers, body=_body("tokens-32"), callers=1, calls=200
    )
    theirs = await run(
        port=service.provider_port, path=DIRECT, headers={}, body=_direct("tokens-32"), callers=1, calls=200
    )
    return (percentile(ours.first, 0.5) - percentile(theirs.first, 0.5)) * 1000


async def hundred_streams(service: Service) -> tuple[Sample, Sample]:
    """100 streams of 100 tokens, 33 tokens a second each, arriving over 3 s: through the service, and direct."""
    model = "tokens-100-every-30ms"
    await run(port=service.port, path=STREAM, headers=service.headers, body=_body("tokens-32"), callers=100, calls=300)
    ours = await run(
        port=service.port, path=STREAM, headers=service.headers, body=_body(model), callers=100, calls=100, over=3
    )
    theirs = await run(
        port=service.provider_port, path=DIRECT, headers={}, body=_direct(model), callers=100, calls=100, over=3
    )
    return ours, theirs


async def measure(service: Service) -> list[Row]:
    """All rows."""
    at_rest = service.web.memory_info().rss / 2**20
    calls = int(os.environ.get("BENCH_CALLS", "6000"))
    added = await first_token(service)
    plain = await throughput(service, PLAIN, calls)
    streamed = await throughput(service, STREAM, calls)
    ours, theirs = await hundred_streams(service)
    slower = percentile(ours.whole, 1.0) / percentile(theirs.whole, 0.5)
    added_under_load = (percentile(ours.first, 0.95) - percentile(theirs.first, 0.5)) * 1000
    return [
        _calls("plain executions a minute", plain, ">= 12,000", "1,000"),
        Row("  web process CPU a call", f"{plain.web_cpu:.2f} ms", "<= 2.5 ms", "-"),
        _calls("streams of 32 tokens a minute", streamed, ">= 9,000", "1,000"),
        Row("  web process CPU a stream", f"{streamed.web_cpu:.2f} ms", "<= 4 ms", "-"),
        Row("first token, added, idle, p50", f"{added:.2f} ms", "<= 8 ms", "100 ms"),
        Row("100 streams: slowest / provider's own", f"{slower:.3f}", "<= 1.10", "-"),
        Row("  first token, added, p95", f"{added_under_load:.1f} ms", "<= 50 ms", "100 ms"),
        Row("web process at rest", f"{at_rest:.0f} MB", "<= 180 MB", "-"),
        Row("start to a healthy answer", f"{service.start_seconds:.1f} s", "<= 10 s", "-"),
        *await _beside(service, plain, streamed, calls),
    ]


def _calls(what: str, load: Load, budget: str, spec: str) -> Row:
    return Row(what, f"{load.sample.per_minute:,.0f} ({load.sample.failures} failed)", budget, spec)


async def _beside(service: Service, plain: Load, streamed: Load, calls: int) -> list[Row]:
    rows = [
        Row("all processes' CPU a plain call", f"{plain.cpu:.2f} ms", "-", "-"),
        Row("all processes' CPU a stream", f"{streamed.cpu:.2f} ms", "-", "-"),
    ]
    if not peer.PROGRAM:
        return rows
    with Peer(service.provider_port) as other:
        theirs = await peers_throughput(other, calls, is_streamed=False)
        their_streams = await peers_throughput(other, calls, is_streamed=True)
    for what, own, their, cpu, rate in (
        ("plain", plain, theirs, "<= 1.7", ">= 0.8"),
        ("streams", streamed, their_streams, "<= 1.2", ">= 1.1"),
    ):
        beside = f"{their.cpu:.2f} ms, {their.sample.per_minute:,.0f}/min, {their.sample.failures} failed"
        rows += [
            Row(f"ferrogw, {what}", beside, "-", "-"),
            Row("  our CPU beside it", f"{own.cpu / their.cpu:.2f} x", cpu, "-"),
            Row("  our calls beside it", f"{own.sample.per_minute / their.sample.per_minute:.2f} x", rate, "-"),
        ]
    return rows


def main() -> None:
    """Prints the table."""
    with Service() as service:
        rows = asyncio.run(measure(service))
    print(f"{os.cpu_count()} cores, one web process, simulator and load generator on the same machine")
    print(f"{'what':40} {'measured':>34} {'budget':>12} {'spec':>8}")
    for row in rows:
        print(f"{row.what:40} {row.measured:>34} {row.budget:>12} {row.spec:>8}")


if __name__ == "__main__":
    main()
