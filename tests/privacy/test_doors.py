"""Rules, holds, erasures and own data by their doors."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from foundation.database.threads import in_database_thread
from privacy.models import Erasure, OwnData
from tests.cast import Person, new_user
from tests.history.stored import download
from tests.playground.uploads import upload
from tests.privacy.rows import a_session, executions
from tests.servers.service import Service
from tests.waiting import until


@pytest.fixture
def admin(service: Service) -> Person:
    """An administrator."""
    return Person(service.url, new_user(name="Admin", roles=["admin"]))


async def test_rules_are_set_by_kind_and_bad_ones_are_named(admin: Person) -> None:
    address = "/api/privacy/retention"
    put = await admin.call("PUT", address, {"organisation": "One", "days": {"executions": 30, "results": 0}})
    assert put.status == 200, put.body
    shown = (await admin.get(f"{address}?organisation=One")).body
    rules = {each["kind"]: (each["days"], each["is_own"]) for each in shown["rules"]}
    assert (rules["executions"], rules["results"], rules["reviews"]) == ((30, True), (0, True), (0, False))
    cleared = await admin.call("PUT", address, {"organisation": "One", "days": {"executions": None}})
    assert [each["is_own"] for each in cleared.body["rules"] if each["kind"] == "executions"] == [False]
    for days in ({"bread": 1}, {"audit": 1}, {"executions": -1}, {"executions": 10**9}, {"executions": "soon"}, 7):
        refused = await admin.call("PUT", address, {"days": days})
        assert (refused.status, refused.body["errors"][0]["field"].partition(".")[0]) == (400, "days"), refused.body


async def test_a_dry_run_is_counted_in_the_background(admin: Person) -> None:
    def old() -> None:
        user = new_user(organisation="One")
        executions(a_session(user), days=40, count=3)

    await in_database_thread(old)
    await admin.call("PUT", "/api/privacy/retention", {"organisation": "One", "days": {"executions": 30}})
    run = await admin.post("/api/privacy/retention/dry-run", {"organisation": "One"})
    assert (run.status, run.body["is_dry"]) == (202, True)

    async def counted() -> Any:
        seen = (await admin.get(f"/api/privacy/retention/runs/{run.body['id']}")).body
        return seen if seen["ended_at"] else None

    figures = (await until(counted))["figures"]
    assert [(each["kind"], each["organisation"], each["rows"]) for each in figures] == [("executions", "One", 3)]
    assert (await admin.post("/api/privacy/retention/dry-run", {"kind": "bread"})).body["errors"][0]["field"] == "kind"


async def test_holds_are_placed_and_lifted(admin: Person) -> None:
    body = {"covers": "project", "object_id": "apollo", "reason": "Case 7"}
    made = await admin.post("/api/privacy/holds", body)
    assert (made.status, made.body["reason"]) == (201, "Case 7")
    assert (await admin.post("/api/privacy/holds", body)).status == 409
    for wrong in ({**body, "covers": "user"}, {**body, "covers": "moon"}, {**body, "object_id": ""}):
        assert (await admin.post("/api/privacy/holds", wrong)).status == 400, wrong
    lifted = await admin.call("DELETE", f"/api/privacy/holds/{made.body['id']}")
    assert (lifted.status, lifted.body["lifted_by"]) == (200, str(admin.user and admin.user.id))


async def test_t39_a_person_asks_and_an_administrator_decides(service: Service, provider: str, admin: Person) -> None:
    author = Person(service.url, await in_database_thread(new_user, name="Wilhelmina Oxenstierna"))
    assert (await author.execute(f"{provider}/echo", "mine")).status == 200
    asked = await author.post("/api/privacy/erasures", {})
    assert (asked.status, asked.body["status"]) == (201, "requested")
    assert (await author.post("/api/privacy/erasures", {})).status == 409
    address = f"/api/privacy/erasures/{asked.body['id']}"
    assert (await author.post(f"{address}/approve")).status == 403
    hold = {"covers": "user", "object_id": asked.body["subject"], "reason": "Case 7"}
    held = await admin.post("/api/privacy/holds", hold)
    refused = await admin.post(f"{address}/approve")
    assert (refused.status, refused.body["code"]) == (409, "held")
    await admin.call("DELETE", f"/api/privacy/holds/{held.body['id']}")
    approved = await admin.post(f"{address}/approve")
    assert approved.status == 202, approved.body

    async def done() -> Any:
        seen = (await admin.get(address)).body
        return seen if seen["status"] == "done" else None

    seen = await until(done)
    assert seen["finds"] == []
    assert seen["counts"]["executions"] == 1
    file = await download(admin, f"{address}/export")
    assert file.status == 200
    lines = zipfile.ZipFile(io.BytesIO(file.content)).read("executions.jsonl").splitlines()
    assert [json.loads(line)["request"]["prompt"] for line in lines] == ["mine"]

    async def is_out() -> Any:
        return (await author.get("/api/auth/me")).status == 401

    assert await until(is_out)


async def test_a_refused_erasure_leaves_everything_and_says_why(author: Person, admin: Person) -> None:
    asked = (await author.post("/api/privacy/erasures", {"with_export": False})).body
    address = f"/api/privacy/erasures/{asked['id']}"
    assert (await admin.post(f"{address}/refuse", {})).status == 400
    assert (await admin.post(f"{address}/refuse", {"reason": "A contract runs."})).status == 200
    assert (await admin.post(f"{address}/approve")).status == 409
    seen = (await author.get(address)).body
    assert (seen["status"], seen["reason"]) == ("refused", "A contract runs.")
    assert (await author.post("/api/privacy/erasures", {})).status == 201


async def test_t39_the_last_administrator_is_not_erased(admin: Person) -> None:
    assert admin.user is not None
    await in_database_thread(User.objects.exclude(id=admin.user.id).update, roles=[], is_superuser=False)
    asked = (await admin.post("/api/privacy/erasures", {})).body
    refused = await admin.post(f"/api/privacy/erasures/{asked['id']}/approve")
    assert (refused.status, refused.body["code"]) == (409, "last_administrator")
    assert await in_database_thread(lambda: Erasure.objects.get().status) == "requested"


async def test_t03_own_data_is_whole_and_for_that_person_only(
    author: Person, stranger: Person, admin: Person, provider: str
) -> None:
    assert (await upload(author, b"Words of mine\n", "../notes.txt", "text/plain")).status == 201
    assert (await author.execute(f"{provider}/echo", "My prompt")).status == 200
    assert (await stranger.execute(f"{provider}/echo", "Not mine")).status == 200
    made = await author.post("/api/templates", {"name": "T", "category": "C", "prompt": "Say it"})
    assert made.status == 201
    ordered = await author.post("/api/privacy/own-data")
    assert ordered.status == 202
    address = f"/api/privacy/own-data/{ordered.body['id']}"

    async def ready() -> Any:
        return (await author.get(address)).body["status"] == "completed"

    await until(ready)
    for person in (stranger, admin):
        assert (await person.get(address)).status == 404
        assert (await download(person, f"{address}/download")).status == 404
    file = await download(author, f"{address}/download")
    folder = zipfile.ZipFile(io.BytesIO(file.content))
    assert folder.testzip() is None
    readme = folder.read("README.txt").decode()
    assert all(
        name.removesuffix(name.partition("/")[2]) in readme for name in folder.namelist() if name != "README.txt"
    )
    whole = b"".join(folder.read(name) for name in folder.namelist())
    assert b"My prompt" in whole
    assert b"Say it" in whole
    assert b"Not mine" not in whole
    assert [folder.read(name) for name in folder.namelist() if name.startswith("uploaded/")] == [b"Words of mine\n"]
    assert not any(".." in name for name in folder.namelist())
    await in_database_thread(OwnData.objects.update, expires_at=timezone.now() - timedelta(minutes=1))
    assert (await download(author, f"{address}/download")).status == 410
