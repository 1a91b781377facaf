"""A program of its own: applies scorers, one at a time, and can be killed while it does.

Reads JSON objects, one a line, from standard input: `{"module", "scorer", "params", "sample", "limits"}`. Writes an
empty line as soon as it has one, then `{"value", "passed", "reason"}` or `{"error": {"code", "sentence"}}`. It ends
with its standard input, and by itself when a scorer goes on for too long, so that none outlives whoever asked, or when
it has grown.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any, Final

if __name__ == "__main__":  # started in isolation, without the service on its path
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from evaluation_app.scorers.errors import CRASHED, OUT_OF_MEMORY, ScorerError
from evaluation_app.scorers.isolation.limits import Limits
from evaluation_app.scorers.sample import Sample, Score, ToolCall
from evaluation_app.scorers.scorer import Scorer

LARGEST: Final = 320 * 1024 * 1024
"""Bytes in memory after which another child takes the place: sacrebleu keeps the texts that it has seen. All models
that are ever loaded take 210 MB."""
NICENESS: Final = 3
"""Whoever waits for a page goes first."""


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """The answer to one question; the process is ended when it takes too long."""
    limits = Limits(**question["limits"])
    try:
        kind: type[Scorer[Any]] = getattr(import_module(question["module"]), question["scorer"])
        scorer = kind.of(question["params"])
        kind.warm()
        score = _within(limits, scorer, sample_from(question["sample"]))
    except ScorerError as error:
        return _error(error.code, error.sentence)
    except MemoryError:
        return _error(OUT_OF_MEMORY, "The scorer needed more memory than it may have.")
    except Exception as error:
        return _error(CRASHED, f"The scorer failed: {type(error).__name__}.")
    return {"value": score.value, "passed": score.passed, "reason": score.reason}


def _within(limits: Limits, scorer: Scorer[Any], sample: Sample) -> Score:
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, most))
    signal.setitimer(signal.ITIMER_PROF, limits.cpu_seconds)
    signal.setitimer(signal.ITIMER_REAL, limits.seconds)
    try:
        return scorer.score(sample)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def sample_as_json(sample: Sample) -> dict[str, Any]:
    """For the way into the program."""
    calls = sample.tool_calls
    return {
        "output": sample.output,
        "expected": sample.expected,
        "tool_calls": None if calls is None else [[call.name, call.arguments] for call in calls],
        "latency": sample.latency,
        "cost": None if sample.cost is None else str(sample.cost),
        "schema_valid": sample.schema_valid,
        "variables": dict(sample.variables),
    }


def sample_from(told: dict[str, Any]) -> Sample:
    """What `sample_as_json` wrote."""
    calls, cost = told["tool_calls"], told["cost"]
    return Sample(
        **told
        | {
            "tool_calls": None if calls is None else tuple(ToolCall(*call) for call in calls),
            "cost": None if cost is None else Decimal(cost),
        }
    )


def _error(code: str, sentence: str) -> dict[str, Any]:
    return {"error": {"code": code, "sentence": sentence}}


def main() -> None:
    """Ctrl-C is for whoever started it; the clocks end it as they find it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(NICENESS)
    answers, sys.stdout = sys.stdout, sys.stderr  # what a library prints is no answer
    for line in sys.stdin.buffer:
        answers.write("\n")
        answers.flush()
        answers.write(json.dumps(answer(json.loads(line))) + "\n")
        answers.flush()
        if _most_memory() > LARGEST:
            break


def _most_memory() -> int:
    """Bytes that this program has had in memory at most. What rusage tells begins with what its parent had."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) * 1024


if __name__ == "__main__":
    main()
