"""A test with its runs in DADMS's fields, from the document that the test is exported as."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dadms_profile.answers import STARS

CRITERIA: Final = ("completeness", "relevance", "structure")
"""What DADMS's summary names; null where no scorer of that name has judged."""


def test(document: Mapping[str, Any], recommendations: list[Any]) -> dict[str, Any]:
    """`{testId, results, summary, recommendations}`."""
    told, samples = document["test"], document["samples"]
    inputs = {case["case"]: case["input"] for case in document["cases"]}
    variant = told["variants"][0]
    judged = [each for each in samples if each["passed"] is not None]
    passed = [each for each in judged if each["passed"]]
    scores = [each["score"] for each in judged if each["score"] is not None]
    return {
        "testId": told["id"],
        "status": told["status"],
        "prompt": variant["body"].get("prompt", ""),
        "modelId": variant["model_id"],
        "results": {
            "totalRuns": told["progress"]["total"],
            "successfulRuns": len(passed),
            "successRate": len(passed) / len(judged) if judged else None,
            "averageScore": _stars(sum(scores) / len(scores)) if scores else None,
            "executions": [_run(number, each, inputs) for number, each in enumerate(samples, start=1)],
        },
        "summary": {name: _mean(samples, name) for name in CRITERIA},
        "recommendations": [each["title"] for each in recommendations],
    }


def _run(number: int, sample: Mapping[str, Any], inputs: Mapping[int, Any]) -> dict[str, Any]:
    said = [each["reason"] for each in sample["scores"] if each["reason"]]
    if sample["error"]:
        said.append(sample["error"]["message"])
    return {
        "runId": number,
        "input": inputs.get(sample["case"]),
        "output": sample["output"],
        "score": _stars(sample["score"]),
        "passed": sample["passed"],
        "feedback": " ".join(said),
    }


def _mean(samples: list[Any], name: str) -> float | None:
    values = [
        score["value"]
        for sample in samples
        for score in sample["scores"]
        if score["scorer"] == name and score["value"] is not None
    ]
    return sum(values) / len(values) if values else None


def _stars(score: float | None) -> float | None:
    return None if score is None else round(STARS * score, 4)
