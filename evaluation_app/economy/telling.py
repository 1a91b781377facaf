"""What a test waits for, in words."""

from __future__ import annotations

from evaluation_app.models import BatchState, EvaluationTest, ProviderBatch
from foundation.words import number
from providers.catalogue import listing


def waited_for(test: EvaluationTest) -> list[str]:
    """A sentence for each open batch: whose, since when (UTC), and how far it is."""
    if not test.is_economy:
        return []
    return [_told(batch) for batch in test.batches.exclude(state=BatchState.ENDED).order_by("created_at")]


def _told(batch: ProviderBatch) -> str:
    known = listing.model(batch.model_id)
    whose = known["provider_name"] if known else batch.model_id.partition("/")[0]
    if batch.state == BatchState.SENDING or batch.sent_at is None:
        return f"{number(batch.requests)} requests are being sent to {whose} as a batch."
    done = f"{number(batch.answered + batch.failed)} of {number(batch.requests)} answered"
    return f"Waiting for {whose}'s batch, sent {batch.sent_at:%H:%M} UTC, {done}."
