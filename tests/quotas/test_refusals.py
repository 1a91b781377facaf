"""T21, T27, T37: whoever is refused over and over fills no log: refusals count against a limit that all have."""

from __future__ import annotations

import uuid

import aiohttp

from accounts.models import User
from audit.models import AuditEntry
from foundation.database.threads import in_database_thread
from tests.accounts.test_api_tokens import program
from tests.cast import Person
from tests.doors.browser import Browser
from tests.quotas.conftest import STANDARD, STREAMING

LOOP = 3 * STANDARD
COMES_BACK = 3
"""So many the limit gives back while a loop runs, at most."""


async def refusals(of: User | None) -> int:
    """How many entries tell that they were refused."""
    assert of is not None
    return await in_database_thread(AuditEntry.objects.filter(actor=of.id, act="refused").count)


async def test_t21_a_token_out_of_its_scope_in_a_loop(anybody: Person):
    holder = await program(anybody, "read")
    answers = [await holder.post("/api/templates", {}) for _ in range(LOOP)]
    assert {answer.status for answer in answers} == {403, 429}
    assert answers[0].body["code"] == "insufficient_scope"
    assert answers[0].headers["RateLimit-Limit"] == str(STANDARD)
    refused = [answer for answer in answers if answer.status == 403]
    assert await refusals(anybody.user) == len(refused) <= STANDARD + COMES_BACK


async def test_t21_also_at_a_door_that_is_free_for_whoever_may(anybody: Person):
    holder = await program(anybody, "read")
    answers = [await holder.post(f"/api/executions/{uuid.uuid4()}/cancel") for _ in range(LOOP)]
    assert {answer.status for answer in answers} == {403, 429}
    assert await refusals(anybody.user) <= STANDARD + COMES_BACK


async def test_t27_also_in_the_admin_and_where_a_form_is_forged(anybody: Person, their_browser: Browser):
    assert anybody.user is not None
    theirs = User.objects.filter(id=anybody.user.id)
    await in_database_thread(lambda: theirs.update(is_staff=True))
    for _ in range(LOOP):
        answer = await their_browser.get("/admin/accounts/user/")
    assert answer.status == 429
    for _ in range(LOOP):
        await their_browser.post("/logout", form={}, headers={"X-CSRFToken": "x"})
    assert await refusals(anybody.user) <= STANDARD + 2 * COMES_BACK


async def test_t21_a_socket_out_of_scope_counts_and_is_an_entry(anybody: Person):
    holder = await program(anybody, "manage")
    address = f"{anybody.url}/ws/executions/{uuid.uuid4()}"
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {holder.token}"}) as session:
        for _ in range(STREAMING + 20):
            try:
                async with session.ws_connect(address) as socket:
                    await socket.receive()
            except aiohttp.WSServerHandshakeError:
                continue
    assert 1 <= await refusals(anybody.user) <= STREAMING + 20 - COMES_BACK
    doors = AuditEntry.objects.filter(act="refused", object_id="GET /ws/executions")
    assert await in_database_thread(doors.exists)
