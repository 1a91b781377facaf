"""What is told of an anomaly as an event, in the transaction that has found it."""

from __future__ import annotations

from uuid import UUID

from analytics.anomalies.baseline import Metric
from analytics.models import Anomaly, SubjectKind
from events.outbox.publishing import publish


def tell(anomaly: Anomaly) -> None:
    """Figures and ids; of a network that is new, not which one it is."""
    evidence = anomaly.evidence
    is_user = anomaly.subject_kind == SubjectKind.USER
    publish(
        "anomaly.detected",
        aggregate=f"anomaly:{anomaly.subject_kind}:{anomaly.subject_id}",
        payload={
            "subject": f"{anomaly.subject_kind}:{anomaly.subject_id}".rstrip(":"),
            "kind": anomaly.metric,
            "observed": None if anomaly.metric == Metric.NEW_ADDRESS else evidence.get("value"),
            "expected": evidence.get("median"),
            "severity": evidence.get("score"),
        },
        user_id=UUID(anomaly.subject_id) if is_user else None,
    )
