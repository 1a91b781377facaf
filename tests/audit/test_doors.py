"""What comes by a door stands in the log: sign-ins, refusals (T21, T27), exports, acts; and who reads it."""

from __future__ import annotations

import uuid
from typing import Any

from accounts.models import User
from audit.models import AuditEntry, AuditLink
from foundation.database.threads import in_database_thread
from providers.models import Provider
from tests.accounts.test_api_tokens import program
from tests.cast import Person, new_user
from tests.doors.browser import Browser, browser_of
from tests.playground.conftest import author, make_provider, provider, stranger
from tests.servers.service import Service
from tests.waiting import until

__all__ = ["author", "make_provider", "provider", "stranger"]

PHRASE = "a long enough phrase"


async def entries(**where: Any) -> list[AuditEntry]:
    """Entries in their order."""
    return await in_database_thread(lambda: list(AuditEntry.objects.filter(**where).order_by("id")))


async def acts_of(person: Person) -> list[str]:
    """What they did, in its order."""
    assert person.user is not None
    return [entry.act for entry in await entries(actor=person.user.id)]


async def test_signing_in_failing_to_and_out_again(service: Service):
    user = await in_database_thread(User.objects.create_user, "reader", PHRASE, organisation="DADMS")
    browser = Browser(service.url)
    await browser.post("/login", form={"username": "reader", "password": "canary-guess"})
    await browser.post("/login", form={"username": "canary-guess", "password": "x"})
    await browser.post("/login", form={"username": "reader", "password": PHRASE})
    await (await in_database_thread(browser_of, Person(service.url, user))).post("/logout")
    found = [entry for entry in await entries(kind="user") if entry.act.startswith("sign")]
    assert [(entry.act, entry.object_id, entry.actor) for entry in found] == [
        ("sign_in_failed", str(user.id), None),
        ("sign_in_failed", "", None),
        ("signed_in", str(user.id), user.id),
        ("signed_out", str(user.id), user.id),
    ]
    assert {entry.address for entry in found} == {"127.0.0.1"}
    assert all(entry.request_id for entry in found)
    assert [entry.organisation for entry in found] == ["DADMS", "", "DADMS", "DADMS"]
    assert "canary" not in repr(await in_database_thread(lambda: list(AuditEntry.objects.values())))


async def test_t21_t27_refusals_are_recorded(service: Service, author: Person, stranger: Person):
    holder = await program(author, "read")
    assert (await holder.post("/api/templates", {"name": "canary"})).status == 403
    refused = (await entries(act="refused"))[-1]
    assert (refused.actor, refused.object_id) == (author.user and author.user.id, "POST /api/templates")
    assert refused.by.startswith("api_token:")

    curator = Person(service.url, await in_database_thread(new_user, roles=["curator"], is_staff=True))
    browser = await in_database_thread(browser_of, curator)
    path = f"/admin/accounts/user/{curator.user.id if curator.user else ''}/change/"
    assert (await browser.post(path, form={"roles": "admin", "is_superuser": "on"})).status == 403
    refused = (await entries(act="refused"))[-1]
    assert (refused.actor, refused.by) == (curator.user and curator.user.id, "session")
    assert refused.object_id.startswith("POST /admin/accounts/user/")


async def test_what_is_done_by_the_api_is_recorded_with_who_did_it(author: Person, stranger: Person):
    assert stranger.user is not None
    body = {"name": f"canary-{uuid.uuid4().hex[:6]}", "category": "C", "prompt": "canary"}
    template = (await author.post("/api/templates", body)).body["id"]
    await author.call("PUT", f"/api/templates/{template}/labels/production", {"version": 1})
    shared = {"visibility": "shared", "members": [{"user_id": str(stranger.user.id)}]}
    assert (await author.call("PUT", f"/api/templates/{template}/share", shared)).status == 200
    session = (await author.post("/api/sessions", {"name": "canary"})).body["id"]
    await author.call("PATCH", f"/api/sessions/{session}", {"name": "canary 2"})
    await author.get(f"/api/templates/{template}/export")
    await author.call("DELETE", f"/api/templates/{template}")
    await author.post(f"/api/templates/{template}/undelete", {})
    await author.call("DELETE", f"/api/sessions/{session}")
    acts = await acts_of(author)
    for act in (
        "template_made", "label_set", "session_made", "session_changed", "template_deleted", "template_undeleted",
        "session_deleted", "template_shared", "exported",
    ):  # fmt: skip
        assert act in acts, (act, acts)
    (share,) = await entries(act="template_shared")
    assert (share.object_id, share.concerns) == (template, str(stranger.user.id))
    (export,) = await entries(act="exported")
    assert (export.kind, export.object_id) == ("template", template)
    found = await entries(actor=author.user and author.user.id)
    assert {entry.by for entry in found} == {"web_token"}
    assert "canary" not in repr(await in_database_thread(lambda: list(AuditEntry.objects.values())))


async def test_a_providers_key_in_the_admin_is_recorded_and_not_kept(service: Service, provider: str):
    admin = Person(service.url, await in_database_thread(new_user, roles=["admin"], is_staff=True, is_superuser=True))
    browser = await in_database_thread(browser_of, admin)
    row = await in_database_thread(Provider.objects.get, slug=provider)
    form = {
        "slug": row.slug, "name": row.name, "wire": row.wire, "base_url": row.base_url, "is_enabled": "on",
        "allow_private_address": "on", "new_key": "sk-canary-audit-9999",
    }  # fmt: skip
    answer = await browser.post(f"/admin/providers/provider/{row.id}/change/", form=form)
    assert answer.status == 302, answer.text
    entry = (await entries(kind="provider", object_id=str(row.id)))[-1]
    assert (entry.act, entry.actor, entry.by) == ("provider_changed", admin.user and admin.user.id, "session")
    assert entry.fields == ["credentials"]
    assert "canary" not in repr(await in_database_thread(lambda: list(AuditEntry.objects.values())))
    listed = await browser.get("/admin/audit/auditentry/")
    assert (listed.status, "provider_changed" in listed.text) == (200, True)
    one = f"/admin/audit/auditentry/{entry.id}"
    assert (await browser.get(f"{one}/change/")).status == 200
    assert (await browser.post(f"{one}/change/", form={"act": "x"})).status == 403
    assert (await browser.post(f"{one}/delete/", form={"post": "yes"})).status == 403


async def test_web_processes_link_what_waits(author: Person):
    assert (await author.post("/api/sessions", {"name": "S"})).status == 201
    made = (await entries(act="session_made"))[-1]
    await until(lambda: in_database_thread(AuditLink.objects.filter(entry_id=made.id).exists))


async def test_an_execution_is_no_entry(author: Person, provider: str):
    first = await author.execute(f"{provider}/echo", "Hi")
    assert first.status == 200, first.body
    before = await in_database_thread(AuditEntry.objects.count)
    session = first.body["session_id"]
    assert (await author.execute(f"{provider}/echo", "Hi again", session_id=session)).status == 200
    assert (await author.events(f"{provider}/echo", "And again"))[-1].kind == "completed"
    assert await in_database_thread(AuditEntry.objects.count) == before


async def test_administrators_see_all_and_everybody_their_own(service: Service, author: Person, stranger: Person):
    admin = Person(service.url, await in_database_thread(new_user, roles=["admin"], is_staff=True, is_superuser=True))
    for person in (author, stranger, admin):
        assert (await person.post("/api/sessions", {"name": "S"})).status == 201
    assert author.user is not None
    own = (await author.get("/api/audit")).body["results"]
    assert {entry["actor"] for entry in own} == {str(author.user.id)}
    assert [entry["act"] for entry in own] == ["session_made"]
    everything = (await admin.get("/api/audit?act=session_made")).body["results"]
    assert {entry["actor"] for entry in everything} >= {str(author.user.id), str(stranger.user and stranger.user.id)}
    assert (await author.get(f"/api/audit?actor={stranger.user and stranger.user.id}")).body["results"] == []
    by_token = await program(admin, "read")
    seen = (await by_token.get("/api/audit")).body["results"]
    assert {entry["actor"] for entry in seen} == {str(admin.user and admin.user.id)}
    assert (await (await program(admin, "execute")).get("/api/audit")).status == 403


async def test_it_is_read_in_pages(author: Person):
    made = [(await author.post("/api/sessions", {"name": "S"})).body["id"] for _ in range(5)]
    path, seen = "/api/audit?act=session_made&page_size=2", []
    while path:
        page = (await author.get(path)).body
        seen += [entry["object_id"] for entry in page["results"]]
        path = (page["next"] or "").removeprefix(author.url)
    assert seen == made[::-1]
    one = (await author.get(f"/api/audit?kind=session&object={made[2]}")).body["results"]
    assert [entry["object_id"] for entry in one] == [made[2]]
    assert (await author.get("/api/audit?act=nonsense")).status == 400
    assert (await author.get("/api/audit?from=2001-01-01T00:00:00Z&to=2002-01-01T00:00:00Z")).body["results"] == []
