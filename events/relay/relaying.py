"""Tells a destination what is due, batch by batch, for as long as the lease is ours.

A batch that is refused as a whole is cut in half and tried again, until the event that is to blame stands alone. What
concerns no event but the destination (no answer, 408, 429) pauses it and is charged to none.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from events.models import Delivery
from events.relay import lease, queue, standing
from events.relay.envelope import envelope
from events.relay.schedule import PAUSES
from events.stream.errors import StreamAway
from events.webhooks.errors import WebhookAway
from integrations.event_manager.client import Answer
from integrations.event_manager.errors import EventManagerAway

logger = logging.getLogger(__name__)

LARGEST: Final = 500
"""Events of a batch."""
IN_A_ROW: Final = 3
"""Events that fail alone, one after the other, before the destination itself is taken to be unwell."""
WAIT_STATUSES: Final = frozenset({408, 429})

Send = Callable[[Sequence[dict[str, Any]], str], Answer]
"""Sends envelopes as one call with this id; raises EventManagerAway, StreamAway or WebhookAway."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a kind of destination is told: most events of a call, the shape of one, seconds of its rests."""

    largest: int = LARGEST
    shape: Callable[[Delivery], dict[str, Any]] = envelope
    pauses: Sequence[int] = PAUSES


AS_THE_CONTRACT_SAYS: Final = Manner()


def relay(name: str, send: Send, *, seconds: float, manner: Manner = AS_THE_CONTRACT_SAYS) -> int:
    """Tells the destination for so long at most; how many events it took."""
    holder = uuid.uuid4()
    failures = lease.claim(name, holder)
    if failures is None:
        return 0
    run = _Run(name, send, failures, manner)
    until = time.monotonic() + seconds
    try:
        while time.monotonic() < until and lease.renew(name, holder) and run.step():
            pass
    finally:
        lease.release(name, holder)
    return run.delivered


class _Run:
    """One relay's turn."""

    def __init__(self, name: str, send: Send, failures: int, manner: Manner) -> None:
        self.name = name
        self.delivered = 0
        self._send = send
        self._manner = manner
        self._failures = failures
        self._struck = IN_A_ROW - 1 if failures else 0
        self._size = 1 if failures else manner.largest

    def step(self) -> bool:
        """One batch; False when there is nothing to do, or the destination rests."""
        batch = queue.due(self.name, at_most=self._size)
        if not batch:
            return False
        try:
            answer = self._send([self._manner.shape(each) for each in batch], str(batch[0].event_id))
        except (EventManagerAway, StreamAway, WebhookAway) as away:
            return self._pause(str(away))
        if answer.is_success:
            return self._taken(batch, answer)
        reason = f"The answer was status {answer.status}."
        if answer.status in WAIT_STATUSES:
            return self._pause(reason, asked=answer.retry_after)
        return self._refused(batch, answer, reason)

    def _taken(self, batch: list[Delivery], answer: Answer) -> bool:
        refused = [each.id for each in batch if str(each.event_id) in answer.failed]
        taken = [each.id for each in batch if str(each.event_id) not in answer.failed]
        with transaction.atomic():
            queue.delivered(taken)
            if refused:
                queue.failed(refused, reason="Of a batch, this one was not taken.")
            if taken:
                standing.succeeded(self.name)
                if self._failures:
                    queue.at_once(self.name)
        if taken:
            self._failures = self._struck = 0
        self.delivered += len(taken)
        self._size = min(self._size * 2, self._manner.largest)
        return True

    def _refused(self, batch: list[Delivery], answer: Answer, reason: str) -> bool:
        if len(batch) > 1:
            self._size = len(batch) // 2
            return True
        if answer.status < 400 or answer.status >= 500:
            queue.failed([batch[0].id], reason=reason)
        else:
            queue.parked([batch[0].id], reason=reason)
            logger.warning("event_parked", extra={"event": str(batch[0].event_id), "status": answer.status})
        self._struck += 1
        return self._struck < IN_A_ROW or self._pause(reason, asked=answer.retry_after)

    def _pause(self, reason: str, *, asked: float | None = None) -> bool:
        standing.paused(self.name, failures=self._failures, reason=reason, asked=asked, pauses=self._manner.pauses)
        logger.warning("event_destination_rests", extra={"destination": self.name, "reason": reason})
        return False
