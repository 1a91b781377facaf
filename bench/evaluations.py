"""Evaluation samples a second, end to end and stored: a test through the service, its worker and PostgreSQL.

Budget: 200 a second, aim 400 (promptfoo 155 to 161). `python -m bench.evaluations` needs nothing running.
"""

from __future__ import annotations

import json
import os
import time
import urllib.request
from typing import Any

import psutil

from bench.service import Service

SAMPLES = int(os.environ.get("BENCH_SAMPLES", "10000"))
CASES = 100
LONGEST = 600.0


def call(service: Service, method: str, path: str, body: Any = None) -> Any:
    """The answer's JSON."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{service.port}{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={**service.headers, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def body(samples: int) -> dict[str, Any]:
    """A test of so many samples."""
    return {
        "name": "bench",
        "prompt": "Say {{word}}",
        "model_id": "openai/tokens-32",
        "test_cases": [
            {"input": {"word": f"w{number}"}, "expected_output": {"type": "contains", "keywords": ["fox"]}}
            for number in range(CASES)
        ],
        "parameters": {"runs": samples // CASES, "max_tokens": 64},
        "concurrency": 64,
    }


def until_done(service: Service, test_id: str) -> dict[str, Any]:
    """The test, once it has ended."""
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        test: dict[str, Any] = call(service, "GET", f"/api/evaluation/{test_id}")
        if test["status"] in ("completed", "cancelled", "failed"):
            return test
        time.sleep(0.2)
    raise RuntimeError("the test did not end")


def _workers() -> list[psutil.Process]:
    return [each for each in psutil.process_iter(["cmdline"]) if " worker " in " ".join(each.info["cmdline"] or ())]


def main() -> None:
    """Prints the figures of one test."""
    with Service() as service:
        warm = call(service, "POST", "/api/evaluation/probabilistic", body(CASES))
        until_done(service, warm["id"])
        before = max((worker.memory_info().rss for worker in _workers()), default=0)
        began = time.perf_counter()
        made = call(service, "POST", "/api/evaluation/probabilistic", body(SAMPLES))
        accepted = time.perf_counter() - began
        test = until_done(service, made["id"])
        seconds = time.perf_counter() - began
        after = max((worker.memory_info().rss for worker in _workers()), default=0)
    print(f"evaluation: {SAMPLES:,} samples, {test['progress']['errors']} errors, {test['status']}")
    print(f"samples a second, stored       {SAMPLES / seconds:>10.0f}   budget >= 200, aim >= 400")
    print(f"answer of the door             {accepted:>10.2f} s")
    print(f"largest worker before, after   {before / 2**20:>7.0f} MB, {after / 2**20:.0f} MB")


if __name__ == "__main__":
    main()
