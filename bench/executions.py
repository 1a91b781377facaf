"""The first four rows of the budget: plain and streamed executions, time to first token, a hundred streams at once.

Simulator, service and load generator share the machine; ratios of one run are worth more than single figures.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass

import psutil

from bench.load import Sample, percentile, run
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


def cpu_of(process: psutil.Process) -> float:
    """CPU seconds that a process has used."""
    times = process.cpu_times()
    return float(times.user + times.system)


async def throughput(service: Service, path: str, calls: int) -> tuple[Sample, float]:
    """The sample, and the web process's CPU milliseconds a call."""
    common = {"port": service.port, "path": path, "headers": service.headers, "callers": CALLERS}
    await run(**common, body=_body("tokens-32"), calls=300)  # type: ignore[arg-type]
    before = cpu_of(service.web)
    sample = await run(**common, body=_body("tokens-32"), calls=calls)  # type: ignore[arg-type]
    return sample, (cpu_of(service.web) - before) / calls * 1000


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
    plain, plain_cpu = await throughput(service, PLAIN, calls)
    streamed, streamed_cpu = await throughput(service, STREAM, calls)
    ours, theirs = await hundred_streams(service)
    slower = percentile(ours.whole, 1.0) / percentile(theirs.whole, 0.5)
    added_under_load = (percentile(ours.first, 0.95) - percentile(theirs.first, 0.5)) * 1000
    return [
        Row("plain executions a minute", f"{plain.per_minute:,.0f} ({plain.failures} failed)", ">= 12,000", "1,000"),
        Row("  web process CPU a call", f"{plain_cpu:.2f} ms", "<= 2.5 ms", "-"),
        Row(
            "streams of 32 tokens a minute",
            f"{streamed.per_minute:,.0f} ({streamed.failures} failed)",
            ">= 9,000",
            "1,000",
        ),
        Row("  web process CPU a stream", f"{streamed_cpu:.2f} ms", "<= 4 ms", "-"),
        Row("first token, added, idle, p50", f"{added:.2f} ms", "<= 8 ms", "100 ms"),
        Row("100 streams: slowest / provider's own", f"{slower:.3f}", "<= 1.10", "-"),
        Row("  first token, added, p95", f"{added_under_load:.1f} ms", "<= 50 ms", "100 ms"),
        Row("web process at rest", f"{at_rest:.0f} MB", "<= 180 MB", "-"),
        Row("start to a healthy answer", f"{service.start_seconds:.1f} s", "<= 10 s", "-"),
    ]


def main() -> None:
    """Prints the table."""
    with Service() as service:
        rows = asyncio.run(measure(service))
    print(f"{os.cpu_count()} cores, one web process, simulator and load generator on the same machine")
    print(f"{'what':40} {'measured':>24} {'budget':>12} {'spec':>8}")
    for row in rows:
        print(f"{row.what:40} {row.measured:>24} {row.budget:>12} {row.spec:>8}")


if __name__ == "__main__":
    main()
