"""EvaluationTest, and its samples, in JSON (api.md, "Evaluation")."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from evaluation_app.models import EvaluationSample, EvaluationTest, SampleScore


def test_json(test: EvaluationTest) -> dict[str, Any]:
    """The test, how far it is, and what it shows so far or in the end."""
    return {
        "id": test.id,
        "name": test.name,
        "status": test.status,
        "control": test.control,
        "stop_reason": test.stop_reason or None,
        "pause_reason": test.pause_reason or None,
        "seed": test.seed,
        "tags": test.tags,
        "policy": test.policy,
        "variants": [
            {
                "name": variant.name,
                "model_id": variant.model_id,
                "template_version_id": variant.template_version_id,
                "content_hash": variant.content_hash,
            }
            for variant in test.variants.order_by("position")
        ],
        "dataset": _dataset_json(test),
        "progress": {**progress_json(test), "blocks_done": blocks_done(test)},
        "cost": cost_json(test),
        "results": test.results,
        "created_at": test.created_at,
        "started_at": test.started_at,
        "completed_at": test.completed_at,
    }


def blocks_done(test: EvaluationTest) -> int:
    """Cases all of whose samples were asked and have ended; what was skipped at the end was not."""
    if not test.completed_at:
        return test.cases.filter(open_samples=0).count()
    used: int = (test.results or {}).get("blocks", {}).get("used", test.blocks)
    return used


def _dataset_json(test: EvaluationTest) -> dict[str, Any] | None:
    """Where the cases were copied from; None of a test that brought its own."""
    version = test.dataset_version
    if version is None:
        return None
    told = {"id": version.dataset_id, "version_id": version.id, "version": version.number}
    return {**told, "split": test.split or None}


def listed_json(test: EvaluationTest) -> dict[str, Any]:
    """The test as a list tells it: its results without those of each case, of which there may be thousands."""
    told = test_json(test)
    if test.results:
        variants = [_without_cases(variant) for variant in test.results.get("variants", [])]
        told["results"] = {**_without_cases(test.results), "variants": variants}
    return told


def _without_cases(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in figures.items() if name not in ("cases", "flaky_cases")}


def progress_json(test: EvaluationTest) -> dict[str, Any]:
    """Counts of samples."""
    return {
        "total": test.samples,
        "done": test.done,
        "errors": test.errors,
        "scorer_errors": test.scorer_errors,
        "skipped": test.skipped,
        "blocks": test.blocks,
    }


def cost_json(test: EvaluationTest) -> dict[str, Any]:
    """US dollars."""
    return {
        "spent": float(test.spent_cost),
        "reserved": float(test.reserved_cost),
        "max_cost": None if test.max_cost is None else float(test.max_cost),
    }


def samples_json(samples: Iterable[EvaluationSample]) -> list[dict[str, Any]]:
    """Samples with what came back and what was said of it."""
    return [_sample_json(sample) for sample in samples]


def _sample_json(sample: EvaluationSample) -> dict[str, Any]:
    answer = (sample.execution.answer if sample.execution else None) or {}
    return {
        "id": sample.id,
        "variant": sample.variant.name,
        "case": sample.case.position,
        "case_key": sample.case.key,
        "run": sample.run,
        "outcome": sample.state,
        "passed": sample.passed,
        "score": sample.score,
        "output": answer.get("response"),
        "error": {"code": sample.error_code, "message": sample.error_message} if sample.error_code else None,
        "scores": [score_json(score) for score in sample.scores.all()],
        "usage": {
            "prompt_tokens": sample.prompt_tokens,
            "completion_tokens": sample.completion_tokens,
            "total_tokens": sample.prompt_tokens + sample.completion_tokens,
            "estimated_cost": float(sample.cost),
            "judge_cost": float(sample.judge_cost),
        },
        "latency": sample.latency,
        "execution_id": sample.execution_id if sample.execution else None,
    }


def score_json(score: SampleScore) -> dict[str, Any]:
    """What one scorer said."""
    return {
        "scorer": score.scorer,
        "scorer_hash": score.scorer_hash,
        "value": score.value,
        "passed": score.passed,
        "reason": score.reason,
        "error_code": score.error_code or None,
        "execution_id": score.execution_id,
    }
