"""Where an address leads that only takes what a form sends."""

from __future__ import annotations

import pytest

from foundation.http.way_back import above

SOME = "0198f1c2-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    ("path", "leads"),
    [
        (f"/datasets/{SOME}/paste", f"/datasets/{SOME}"),
        (f"/templates/{SOME}/labels/rollback", f"/templates/{SOME}/labels"),
        (f"/templates/{SOME}/labels", f"/templates/{SOME}"),
        ("/monitoring/alert-rules/7", "/monitoring/alert-rules"),
        ("/evaluations/plan", "/evaluations"),
        ("/executions", "/"),
    ],
)
def test_it_leads_to_the_nearest_address_above(path: str, leads: str) -> None:
    assert above(path) == leads
