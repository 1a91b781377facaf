"""A label that is protected and gated: an approval asks its gate as a move does, and never goes round it."""

from __future__ import annotations

from typing import Any

from tests.cast import Answer, Person
from tests.evaluation_app.gating import BAD, GATE, Gated
from tests.playground.conftest import Ledger
from tests.waiting import until

WHY = {"reason": "Looks right."}


async def protected(author: Person, colleague: Person, provider: str) -> Gated:
    """A template with `production` at version 1, gated and protected, that a colleague edits too."""
    gated = await Gated.make(author, provider)
    await gated.share_with(colleague)
    await gated.with_suite(gate=GATE)
    assert (await gated.moved(1)).status == 200
    assert (await author.call("PUT", f"/api/templates/{gated.id}/labels/production/protection")).status == 200
    return gated


async def approved(address: str, by: Person) -> Answer:
    """The answer once the gate is through."""

    async def through() -> Answer | None:
        answer = await by.post(f"{address}/approve", WHY)
        is_running = answer.status == 409 and answer.body["code"] == "gate_running"
        return None if is_running else answer

    found: Answer = await until(through)
    return found


async def asked(gated: Gated, version: int) -> str:
    """The address of the owner's request."""
    requests = f"/api/templates/{gated.id}/labels/production/requests"
    made = await gated.owner.post(requests, {"version": version, "reason": "Please."})
    assert made.status == 201, made.body
    return f"{requests}/{made.body['id']}"


async def test_a_refused_move_pays_no_gate_and_an_approval_asks_it(
    author: Person, colleague: Person, provider: str, ledger: Ledger
):
    gated = await protected(author, colleague, provider)
    bad = await gated.version(BAD)
    paid = len(await ledger.calls(gated.model))
    assert (await gated.move(bad)).body["code"] == "label_protected"
    address = await asked(gated, bad)
    assert len(await ledger.calls(gated.model)) == paid
    held = await colleague.call("POST", f"{address}/approve", WHY, headers={"Idempotency-Key": "k"})
    assert (held.status, held.body["code"]) == (409, "gate_running"), held.body
    refused = await approved(address, colleague)
    assert (refused.status, refused.body["code"]) == (409, "gate_failed"), refused.body
    assert (await author.get(address)).body["status"] == "open"
    assert await gated.labels() == {"production": 1}


async def test_two_words_past_a_gate_are_both_kept(author: Person, colleague: Person, provider: str):
    gated = await protected(author, colleague, provider)
    bad = await gated.version(BAD)
    address = await asked(gated, bad)
    refused = await approved(address, colleague)
    word = {"reason": "The customer waits."}
    own = await author.post(refused.body["override_url"], word)
    assert (own.status, own.body["code"]) == (403, "second_person")
    assert (await colleague.post(refused.body["override_url"], word)).status == 201
    moved = await approved(address, colleague)
    assert moved.status == 200, moved.body
    history: list[Any] = (await author.get(f"/api/templates/{gated.id}/labels/production/history")).body["results"]
    assert (history[0]["version"], history[0]["approved_by"]["name"]) == (bad, str(colleague.user))
    assert all(said in history[0]["note"] for said in ("Please.", "Looks right.", "The customer waits."))
