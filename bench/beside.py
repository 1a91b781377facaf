"""What people feel of a test that runs beside them: their answers and pages, at rest and while samples run.

Budget: p95 at most 1.2 times that at rest. `python -m bench.beside` needs nothing running; `BENCH_BESIDE` samples.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any, Final

from bench import evaluations
from bench.service import Service

SAMPLES = int(os.environ.get("BENCH_BESIDE", "80000"))
ROUNDS: Final = 150
"""Calls of each kind, one after the other, with a short rest between them, as people make."""
REST: Final = 0.05
BUDGET: Final = 1.2

Acts = dict[str, Callable[[], Any]]


def _acts(service: Service, test_id: str) -> Acts:
    def asked(model: str) -> Any:
        ask = {"model_id": f"openai/{model}", "prompt": "Say something"}
        return evaluations.call(service, "POST", "/api/prompts/execute", ask)

    return {
        # One of a provider that takes no time, and one that takes a third of a second, as the quickest do.
        "an answer": lambda: asked("tokens-32"),
        "in 0.3 s": lambda: asked("tokens-32-every-10ms"),
        "the models": lambda: evaluations.call(service, "GET", "/api/models"),
        "the tests": lambda: evaluations.call(service, "GET", "/api/evaluation"),
        "this test": lambda: evaluations.call(service, "GET", f"/api/evaluation/{test_id}"),
    }


def _measured(acts: Acts) -> dict[str, list[float]]:
    """Milliseconds of each call, sorted."""
    taken: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(ROUNDS):
        for name, act in acts.items():
            began = time.perf_counter()
            act()
            taken[name].append((time.perf_counter() - began) * 1000)
            time.sleep(REST)
    return {name: sorted(values) for name, values in taken.items()}


def _at(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(share * len(values)))]


def main() -> None:
    """Prints median and p95 of both, and their ratio."""
    with Service() as service:
        first = evaluations.call(service, "POST", "/api/evaluation/probabilistic", evaluations.body(evaluations.CASES))
        evaluations.until_done(service, first["id"])
        acts = _acts(service, first["id"])
        _measured(acts)
        alone = _measured(acts)
        made = evaluations.call(service, "POST", "/api/evaluation/probabilistic", evaluations.body(SAMPLES))
        time.sleep(2)
        beside = _measured(_acts(service, made["id"]))
        test = evaluations.call(service, "GET", f"/api/evaluation/{made['id']}")
        if test["status"] == "running":
            evaluations.call(service, "POST", f"/api/evaluation/{made['id']}/cancel")
        done = test["progress"]["done"]
    print(f"people beside {SAMPLES:,} samples, of which {done:,} ran meanwhile ({test['status']})")
    for name in acts:
        p95 = _at(alone[name], 0.95), _at(beside[name], 0.95)
        medians = _at(alone[name], 0.5), _at(beside[name], 0.5)
        print(
            f"{name:<12} median {medians[0]:7.1f} → {medians[1]:7.1f} ms   p95 {p95[0]:7.1f} → {p95[1]:7.1f} ms"
            f"   {p95[1] / p95[0]:5.2f} x   budget <= {BUDGET} x"
        )


if __name__ == "__main__":
    main()
