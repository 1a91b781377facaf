"""What an idempotency key was taken for before."""

from __future__ import annotations

from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from playground.engine.lifecycle import Claim
from playground.models import IdempotencyKey


async def begun_before(claim: Claim) -> IdempotencyKey:
    """What the key was taken for; a Problem when that was another body."""
    taken = await in_database_thread(_taken, claim)
    if bytes(taken.body_hash) != claim.body_hash:
        raise Problem(422, "idempotency_key_reused", "This Idempotency-Key came with another body before.")
    return taken


def _taken(claim: Claim) -> IdempotencyKey:
    keys = IdempotencyKey.objects.select_related("execution")
    return keys.get(user_id=claim.user_id, route=claim.route, key=claim.key)
