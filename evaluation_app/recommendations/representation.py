"""Recommendations in JSON (api.md, "Evaluation")."""

from __future__ import annotations

from typing import Any

from evaluation_app.models import EvaluationTest, Recommendation, RecommendationKind, RecommendationRound
from evaluation_app.recommendations.accepting import hunks_of, was_taken_whole
from evaluation_app.recommendations.subject import subject_of
from evaluation_app.recommendations.verifying import Measured, standing_of
from evaluation_app.statistics.figures import as_json
from foundation.problems import Problem


def recommendations_json(test: EvaluationTest) -> dict[str, Any]:
    """All rounds of a test, and what they brought."""
    rounds = RecommendationRound.objects.filter(test=test).order_by("created_at", "id")
    rows = Recommendation.objects.filter(test=test).order_by("created_at", "round_id", "position")
    rows = rows.select_related("test", "variant__template_version", "verification", "accepted")
    return {
        "rounds": [round_json(row) for row in rounds],
        "recommendations": [recommendation_json(row) for row in rows],
    }


def round_json(row: RecommendationRound) -> dict[str, Any]:
    """A round."""
    return {
        "id": row.id,
        "state": row.state,
        "model_id": row.model_id or None,
        "max_cost": None if row.max_cost is None else float(row.max_cost),
        "error": row.error or None,
        "notes": row.notes,
        "created_at": row.created_at,
    }


def recommendation_json(row: Recommendation) -> dict[str, Any]:
    """A recommendation, how far it is, and what was measured of it."""
    standing, measured = standing_of(row)
    return {
        "id": row.id,
        "round_id": row.round_id,
        "variant": row.variant.name,
        "kind": row.kind,
        "title": row.title,
        "reason": row.reason,
        "diff": _diff(row),
        "status": standing,
        "measured": _measured_json(measured) if measured else None,
        "verification_id": row.verification_id,
        "accepted_version": row.accepted.number if row.accepted else None,
        "is_accepted_whole": was_taken_whole(row),
    }


def _diff(row: Recommendation) -> list[dict[str, Any]]:
    """The places that change, by text; `hunk` is what accepting takes, null where nothing changes."""
    if row.kind == RecommendationKind.MODEL:
        return [
            {"field": "model_id", "hunk": 0, "removed": row.variant.model_id, "added": row.change.get("model_id", "")}
        ]
    try:
        texts = subject_of(row.variant).texts if row.kind == RecommendationKind.EDIT else {}
    except Problem:
        texts = {}
    told: list[dict[str, Any]] = []
    number = 0
    for name in texts:
        if name not in row.change:
            continue
        for pieces in hunks_of(texts[name], row.change[name]):
            if pieces[0].op == "equal":
                told.append({"field": name, "hunk": None, "text": pieces[0].text})
                continue
            parts = {op: "".join(piece.text for piece in pieces if piece.op == op) for op in ("delete", "insert")}
            told.append({"field": name, "hunk": number, "removed": parts["delete"], "added": parts["insert"]})
            number += 1
    return told


def _measured_json(measured: Measured) -> dict[str, Any]:
    found = measured.comparison
    return {
        "difference": found.difference,
        "interval": as_json(found.interval_adjusted) if found.interval_adjusted else None,
        "p_adjusted": found.p_value_adjusted,
        "n": found.n,
        "cases": found.cases,
        "tries": measured.tries,
        "outcome": found.outcome,
        "verdict": found.verdict,
        "cost_before": measured.cost_before,
        "cost_after": measured.cost_after,
    }
