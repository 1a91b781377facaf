"""A limit as it stands, in JSON."""

from __future__ import annotations

from typing import Any

from quotas.ledger.standing import Amount, Standing
from quotas.models import Measure


def standing_json(standing: Standing) -> dict[str, Any]:
    """As GET /api/quotas shows it; measures without a limit are null."""
    by_measure = {amount.measure: _amount(amount) for amount in standing.amounts}
    return {
        "subject_kind": standing.subject_kind,
        "subject_id": standing.subject_id,
        "period": standing.period,
        "is_hard": standing.is_hard,
        "is_default": standing.is_default,
        "time_zone": standing.time_zone,
        "starts_at": standing.starts_at,
        "ends_at": standing.ends_at,
        "is_whole": standing.is_whole,
        **{measure.value: by_measure.get(measure) for measure in Measure},
    }


def _amount(amount: Amount) -> dict[str, float]:
    names = ("limit", "used", "reserved", "left")
    return {name: float(getattr(amount, name)) for name in names}
