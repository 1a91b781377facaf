"""Whether tests stay below what they may cost: fifty with judges and fallbacks, on four workers of two children.

Nothing may pass its ceiling, nothing may stay set aside, and what a test says it cost is what its executions cost.
`python -m bench.ceilings` needs nothing running.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from typing import Any, Final

from bench.evaluations import call
from bench.service import ROOT, Service
from foundation.supervisor import programs

TESTS: Final = 50
MORE_WORKERS: Final = 3
CEILINGS: Final = (0.0015, 0.02)
"""USD, between these; the whole test would cost about 0.05."""
LONGEST: Final = 900.0
FLAKY, STEADY, JUDGE = "openai/fault-flaky-3-of-10", "openai/tokens-8", "openai/judge"
PRICED: Final = f"""
from providers.models import CatalogueModel
for model in {(FLAKY, STEADY, JUDGE)!r}:
    CatalogueModel.objects.update_or_create(id=model, defaults={{
        "provider": "openai", "overrides": {{"input_per_million": 1, "output_per_million": 10}}}})
"""
BILLS: Final = """
import json
from django.db.models import Sum
from evaluation_app.models import EvaluationTest
from playground.models import PromptExecution
print("bills", json.dumps([
    [str(test.spent_cost), str(test.reserved_cost), str(test.max_cost), str(
        PromptExecution.objects.filter(session_id=test.session_id).aggregate(cost=Sum("estimated_cost"))["cost"] or 0
    ), test.stop_reason, test.status, test.done, test.errors]
    for test in EvaluationTest.objects.filter(name="ceiling")
]))
"""


def _shell(service: Service, code: str) -> str:
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", code]
    return subprocess.run(command, cwd=ROOT, env=service.environment, check=True, capture_output=True, text=True).stdout


def _body(ceiling: float, *, is_flaky: bool) -> dict[str, Any]:
    model = FLAKY if is_flaky else STEADY
    params = {"rubric": "the is what a good answer holds.", "model_id": JUDGE, "max_tokens": 64}
    return {
        "name": "ceiling",
        "prompt": "Say {{word}}",
        "model_id": model,
        "test_cases": [{"input": {"word": f"w{number}"}} for number in range(20)],
        "scorers": [{"scorer": "llm_judge", "params": params}],
        "parameters": {
            "runs": 10,
            "max_tokens": 16,
            "max_cost": ceiling,
            **({"fallback_models": [STEADY]} if is_flaky else {}),
        },
        "concurrency": 16,
    }


def _all_ended(service: Service, ids: list[str]) -> bool:
    left = set(ids)
    deadline = time.monotonic() + LONGEST
    while left and time.monotonic() < deadline:
        for test_id in list(left):
            status = call(service, "GET", f"/api/evaluation/{test_id}")["status"]
            left -= {test_id} if status in ("completed", "cancelled", "failed") else set()
        time.sleep(0.5)
    return not left


def main() -> None:
    """Prints how many tests passed their ceiling, which must be none."""
    chance = random.Random(1)
    with Service() as service:
        _shell(service, PRICED)
        workers = [
            subprocess.Popen([*programs.worker(), "-n", f"more-{number}"], cwd=ROOT, env=service.environment)
            for number in range(MORE_WORKERS)
        ]
        try:
            began = time.perf_counter()
            ids = [
                call(service, "POST", "/api/evaluation/probabilistic", _body(ceiling, is_flaky=bool(number % 2)))["id"]
                for number, ceiling in enumerate(chance.uniform(*CEILINGS) for _ in range(TESTS))
            ]
            are_ended = _all_ended(service, ids)
            seconds = time.perf_counter() - began
            told = json.loads(_shell(service, BILLS).partition("bills ")[2])
        finally:
            for worker in workers:
                worker.terminate()
            for worker in workers:
                worker.wait(30)
    rows = [[float(value) for value in row[:4]] + row[4:] for row in told]
    print(f"ceilings: {len(rows)} tests, {sum(row[6] for row in rows):,} samples ended in {seconds:.0f} s")
    print(f"all ended                      {are_ended}")
    print(f"stopped by their ceiling       {sum(row[4] == 'max_cost' for row in rows)}")
    print(f"above their ceiling            {sum(row[0] > row[2] for row in rows)}   must be 0")
    print(f"with money still set aside     {sum(row[1] != 0 for row in rows)}   must be 0")
    print(f"another bill than was told     {sum(row[0] != row[3] for row in rows)}   must be 0")
    used = [row[0] / row[2] for row in rows]
    print(f"used of their ceilings         {min(used):.0%} to {max(used):.0%}")


if __name__ == "__main__":
    main()
