"""What counting costs an execution: `python -m bench.metrics`, in CPU of this thread, with the files of many processes.

Compared with the CPU that a whole call takes (`make bench`, about 1.4 ms in the web process).
"""

from __future__ import annotations

import os
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

ROUNDS, TIMES = 7, 3_000


def best(work: Callable[[], object]) -> float:
    """Microseconds of the quickest of some rounds: others on the machine can only slow it down."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.thread_time()
        for _ in range(TIMES):
            work()
        rounds.append((time.thread_time() - began) / TIMES * 1e6)
    return min(rounds)


def main() -> None:
    """Prints a line a part."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="bench-metrics-")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from foundation.metrics.families import CALLS_IN_FLIGHT
    from foundation.metrics.requests import Counted
    from foundation.traces.context import begin_span, taken
    from playground.engine import measuring
    from playground.engine.lifecycle import Ending
    from playground.models import Origin, Status

    ending = Ending(
        id=uuid.uuid4(), model_id="openai/gpt-4o-mini", status=Status.COMPLETED, answer=None, error_code="",
        error_message=None, prompt_tokens=12, completion_tokens=34, estimated_cost=Decimal("0.0001"), billing=None,
        execution_time=Decimal("1.234"), metadata={"time_to_first_token": 0.3}, ended_at=datetime.now(UTC),
        last_event=9,
    )  # fmt: skip
    in_flight = CALLS_IN_FLIGHT.labels("openai")
    start = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]}

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await send(start)

    async def send(message: Any) -> None:
        return None

    scope = {"type": "http", "path": "/api/prompts/execute", "method": "POST"}
    counted = Counted(application)

    def ran(which: Any) -> Callable[[], object]:
        def once() -> object:
            work = which(scope, None, send)
            try:
                work.send(None)
            except StopIteration as end:
                return end.value
            raise RuntimeError("it waits")

        return once

    def passed() -> None:
        in_flight.inc()
        in_flight.dec()

    def traced() -> None:
        taken("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        begin_span()

    parts = {
        "an execution's end": best(lambda: measuring.count(ending, origin=Origin.SERVICE, is_known=True)),
        "its place at the provider": best(passed),
        "its request": best(ran(counted)) - best(ran(application)),
        "its trace": best(traced),
    }
    for name, cost in parts.items():
        print(f"{name:<28}{cost:6.1f} µs")
    print(f"{'together':<28}{sum(parts.values()):6.1f} µs")


if __name__ == "__main__":
    main()
