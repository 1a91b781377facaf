"""How long the ledger's side of a bill takes: `DATABASE_URL=… python -m bench.bills`, in a database that may be filled.

100,000 executions of ten models over a month are written and taken away again.
"""

from __future__ import annotations

import os
import time
from datetime import date

import django

MADE = """
INSERT INTO prompt_executions (id, session_id, user_id, model_id, request, status, error_code, prompt_tokens,
    completion_tokens, estimated_cost, billing, metadata, created_at, ended_at, cancel_requested, last_event)
SELECT gen_random_uuid(), %s, %s, 'bench/model-' || n %% 10, repeat('x', 600)::bytea, 'completed', '', 1000, 100, 0.003,
    '{"details": {"cache_read_tokens": 400}, "lines": [
        {"item": "input", "quantity": 600, "cost": "0.0012"}, {"item": "cache_read", "quantity": 400, "cost": "0.0004"},
        {"item": "output", "quantity": 100, "cost": "0.001"}]}',
    '{"cached": false, "answered_model": "m"}', '2032-01-01'::timestamptz + n * interval '26 seconds', now(), false, 4
FROM generate_series(1, %s) AS n
"""
COUNT = 100_000


def main() -> None:
    """Prints seconds of three statements."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.db import connection, transaction

    from accounts.models import User
    from analytics.bills.ledger import groups_of
    from sessions_app.models import PlaygroundSession

    with transaction.atomic():
        place = PlaygroundSession.objects.default_of(User.objects.create_user("bench-bills"))
        with connection.cursor() as cursor:
            cursor.execute(MADE, [place.id, place.user_id, COUNT])
        for _ in range(3):
            began = time.perf_counter()
            rows = groups_of(provider="bench", first=date(2032, 1, 1), last=date(2032, 1, 31))
            print(f"{COUNT:,} executions, {len(rows)} models and days: {time.perf_counter() - began:.2f} s")
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()
