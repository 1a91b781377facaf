"""Alerts of a real installation: its worker dies and comes back, and administrators hear of both once."""

from __future__ import annotations

import asyncio
from typing import Any

from foundation.processes import kill_session
from tests.cast import Person
from tests.faults.conftest import Place
from tests.waiting import until

SEVERAL_MINUTES = 300
TOLD = """
SELECT payload ->> 'state' AS state, count(*) AS times FROM notifications
WHERE kind = 'alert' AND payload ->> 'figure' = 'workers_alive' GROUP BY 1 ORDER BY 1
"""


async def rows(place: Place, statement: str) -> list[dict[str, Any]]:
    """Of a statement."""
    return await asyncio.to_thread(place.rows, statement)


async def test_a_dead_worker_is_told_once_and_so_is_that_it_is_back(place: Place, person: Person) -> None:
    assert (await person.get("/api/auth/me")).status == 200
    await rows(place, "UPDATE users SET is_superuser = true")
    await rows(place, "UPDATE alert_rules SET minutes = 0 WHERE figure = 'workers_alive'")
    place.service.start_web()
    await until(lambda: rows(place, "SELECT 1 FROM runner_leases WHERE role = 'worker'"), seconds=60)
    worker = place.service.background[0]
    kill_session(worker.pid)
    worker.wait()

    async def told(number: int) -> list[dict[str, Any]]:
        found = await rows(place, TOLD)
        return found if len(found) >= number else []

    first = await until(lambda: told(1), seconds=SEVERAL_MINUTES)
    assert [each["state"] for each in first] == ["firing"]
    assert place.service.revive()
    both = await until(lambda: told(2), seconds=SEVERAL_MINUTES)
    (people,) = await rows(place, "SELECT count(*) AS number FROM users WHERE is_superuser AND NOT is_service")
    assert both == [{"state": state, "times": people["number"]} for state in ("firing", "resolved")]
    (firing,) = await rows(place, "SELECT * FROM alert_firings WHERE figure = 'workers_alive'")
    assert firing["ended_at"] is not None
    assert firing["worst"] == 0
