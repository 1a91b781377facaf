"""What is told of an anomaly as an event, in the transaction that has found it."""

from __future__ import annotations

from uuid import UUID

from accounts.teams import seeing_to
from analytics.anomalies.baseline import Metric
from analytics.anomalies.subjects import name_of
from analytics.models import Anomaly, SubjectKind
from events.models import Kind
from events.notifications.writing import notify
from events.outbox.publishing import publish


def tell(anomaly: Anomaly) -> None:
    """Figures and ids; of a network that is new, not which one it is."""
    evidence = anomaly.evidence
    user_id = UUID(anomaly.subject_id) if anomaly.subject_kind == SubjectKind.USER else None
    event_id = publish(
        "anomaly.detected",
        aggregate=f"anomaly:{anomaly.subject_kind}:{anomaly.subject_id}",
        payload={
            "subject": f"{anomaly.subject_kind}:{anomaly.subject_id}".rstrip(":"),
            "kind": anomaly.metric,
            "observed": None if anomaly.metric == Metric.NEW_ADDRESS else evidence.get("value"),
            "expected": evidence.get("median"),
            "severity": evidence.get("score"),
        },
        user_id=user_id,
    )
    kind = SubjectKind(anomaly.subject_kind)
    payload = {"metric": anomaly.metric, "of": kind.value}
    words = {} if kind == SubjectKind.USER else {"name": name_of(kind, anomaly.subject_id)}
    notify(Kind.ANOMALY, people=_whom(anomaly), payload=payload, words=words, event_id=event_id)


def _whom(anomaly: Anomaly) -> list[UUID]:
    """Whose use it is, else those who see to the organisation, else administrators."""
    match anomaly.subject_kind:
        case SubjectKind.USER:
            return [UUID(anomaly.subject_id)]
        case SubjectKind.ORGANISATION:
            return seeing_to.of_organisation(anomaly.subject_id)
    return seeing_to.administrators()
