"""Protected labels: nobody moves one alone, by whatever door; two persons do, and what each said is kept."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from foundation.database.threads import in_database_thread
from templates_app.models import LabelRequest
from tests.cast import Person, new_user
from tests.templates_app.conftest import MakeTemplate
from tests.templates_app.protecting import WHY, Protected, protected

__all__ = ["protected"]


async def test_t27_nobody_moves_a_protected_label_alone_and_each_is_told_how_to_ask(protected: Protected):
    label = f"{protected.template}/labels/production"
    for person in (protected.owner, protected.editor):
        for refused in (
            await protected.move(2, by=person),
            await protected.move(1, by=person),
            await person.call("DELETE", label),
        ):
            assert (refused.status, refused.body["code"]) == (409, "label_protected"), refused.body
            assert refused.body["request_url"] == protected.requests
            assert {each["name"] for each in refused.body["approvers"]} == {
                str(protected.owner.user),
                str(protected.editor.user),
            }
    assert await protected.labels() == {"production": 1}
    assert (await protected.owner.call("PUT", f"{protected.template}/labels/staging", {"version": 2})).status == 200


async def test_a_second_person_approves_and_the_label_has_moved_with_what_both_said(protected: Protected):
    address = await protected.asked()
    shown = (await protected.editor.get(f"{protected.template}/labels")).body[0]["protection"]
    assert (shown["is_protected"], shown["protected_by"]["name"]) == (True, str(protected.owner.user))
    assert (shown["request"]["version"], shown["request"]["reason"]) == (2, "Customers wait for it.")
    assert [each["name"] for each in shown["approvers"]] == [str(protected.editor.user)]
    approved = await protected.editor.post(f"{address}/approve", WHY)
    assert approved.status == 200, approved.body
    assert (approved.body["status"], approved.body["decision"]) == ("approved", WHY["reason"])
    assert await protected.labels() == {"production": 2}
    last = (await protected.owner.get(f"{protected.template}/labels/production/history")).body["results"][0]
    assert last["moved_by"]["name"] == str(protected.owner.user)
    assert last["approved_by"]["name"] == str(protected.editor.user)
    assert "Customers wait for it." in last["note"]
    assert WHY["reason"] in last["note"]
    assert (await protected.move(1)).body["code"] == "label_protected"
    again = await protected.editor.post(f"{address}/approve", WHY)
    assert (again.status, again.body["code"]) == (409, "request_decided")


@pytest.mark.parametrize(("door", "status"), [("refuse", "refused"), ("withdraw", "withdrawn")])
async def test_what_is_refused_or_withdrawn_moves_nothing_and_makes_room(protected: Protected, door: str, status: str):
    address = await protected.asked()
    full = await protected.ask(protected.editor, version=3)
    assert (full.status, full.body["code"], full.body["request_id"]) == (409, "request_open", address[-36:])
    decider = protected.editor if door == "refuse" else protected.owner
    other = protected.owner if door == "refuse" else protected.editor
    assert (await other.post(f"{address}/{door}", WHY)).status == 403
    ended = await decider.post(f"{address}/{door}", WHY)
    assert (ended.status, ended.body["status"], ended.body["decision"]) == (200, status, WHY["reason"])
    assert ended.body["decided_by"]["name"] == str(decider.user)
    late = await protected.editor.post(f"{address}/approve", WHY)
    assert (late.status, late.body["code"], late.body["request_status"]) == (409, "request_decided", status)
    assert await protected.labels() == {"production": 1}
    await protected.asked(protected.editor, version=3)
    listed = (await protected.owner.get(protected.requests)).body["results"]
    assert [(each["version"], each["status"]) for each in listed] == [(3, "open"), (2, status)]


async def test_protection_is_taken_away_by_two_as_well(protected: Protected):
    assert (await protected.protect(protected.editor)).status == 403
    assert (await protected.ask(protected.editor, act="unprotect")).status == 403
    address = await protected.asked(act="unprotect")
    assert (await protected.owner.post(f"{address}/approve", WHY)).status == 403
    assert (await protected.move(2)).body["code"] == "label_protected"
    assert (await protected.editor.post(f"{address}/approve", WHY)).status == 200
    assert (await protected.move(2)).status == 200
    free = await protected.ask(version=3)
    assert (free.status, free.body["code"]) == (409, "label_not_protected")
    assert (await protected.protect()).body["is_protected"] is True
    assert (await protected.move(3)).body["code"] == "label_protected"


async def test_a_label_taken_away_by_two_is_protected_all_the_same(protected: Protected):
    address = await protected.asked(act="remove")
    assert (await protected.editor.post(f"{address}/approve", WHY)).status == 200
    assert await protected.labels() == {}
    assert (await protected.move(2)).body["code"] == "label_protected"
    assert (await protected.ask(act="remove")).status == 404
    back = await protected.asked(protected.editor, version=2)
    assert (await protected.owner.post(f"{back}/approve", WHY)).status == 200
    assert await protected.labels() == {"production": 2}


@pytest.mark.parametrize(
    ("asked", "status", "field"),
    [
        ({"act": "move"}, 400, "version"),
        ({"act": "remove", "version": 2}, 400, "version"),
        ({"act": "unprotect", "version": 2}, 400, "version"),
        ({"act": "publish"}, 400, "act"),
        ({"version": 2, "reason": " "}, 400, "reason"),
        ({"version": 9}, 404, None),
        ({"version": 1}, 409, None),
    ],
)
async def test_what_cannot_be_asked_is_refused_with_its_place(
    protected: Protected, asked: dict[str, Any], status: int, field: str | None
):
    refused = await protected.ask(**asked)
    assert refused.status == status, refused.body
    assert [error["field"] for error in refused.body["errors"]] == ([field] if field else [])
    assert await in_database_thread(LabelRequest.objects.filter(template_id=UUID(protected.id)).count) == 0


async def test_of_eight_approvals_at_once_one_moves_the_label(protected: Protected):
    people = [Person(protected.owner.url, await in_database_thread(new_user)) for _ in range(4)]
    await protected.share_with(*people)
    address = await protected.asked()
    answers = await asyncio.gather(*(person.post(f"{address}/approve", WHY) for person in people * 2))
    assert sorted(answer.status for answer in answers) == [200] + [409] * 7
    assert {answer.body["code"] for answer in answers if answer.status == 409} == {"request_decided"}
    history = (await protected.owner.get(f"{protected.template}/labels/production/history")).body["results"]
    assert [each["version"] for each in history] == [2, 1]


async def test_of_an_approval_and_a_withdrawal_at_once_one_holds(protected: Protected):
    for version in (2, 3, 2):
        address = await protected.asked(version=version)
        before = await protected.labels()
        approved, withdrawn = await asyncio.gather(
            protected.editor.post(f"{address}/approve", WHY), protected.owner.post(f"{address}/withdraw", {})
        )
        assert sorted((approved.status, withdrawn.status)) == [200, 409]
        moved = approved.status == 200
        assert await protected.labels() == ({"production": version} if moved else before)
        if not moved:
            continue
        back = await protected.asked(version=1)
        assert (await protected.editor.post(f"{back}/approve", WHY)).status == 200


async def test_a_request_is_found_under_its_own_label_and_template_only(
    protected: Protected, make_template: MakeTemplate
):
    address = await protected.asked()
    other = (await make_template(name="Another"))["id"]
    for wrong in (address.replace("/production/", "/staging/"), address.replace(protected.id, other)):
        assert (await protected.owner.get(wrong)).status == 404
        assert (await protected.owner.post(f"{wrong}/approve", WHY)).status == 404
        assert (await protected.owner.post(f"{wrong}/withdraw", {})).status == 404
    assert (await protected.owner.get(address)).body["status"] == "open"


async def test_an_approval_sent_again_with_its_key_is_the_same(protected: Protected):
    address = await protected.asked()
    key = {"Idempotency-Key": "once"}
    first, again = [await protected.editor.post(f"{address}/approve", WHY, headers=key) for _ in range(2)]
    assert (first.status, again.status, again.body) == (200, 200, first.body)


async def test_of_eight_who_ask_at_once_one_is_heard(protected: Protected):
    answers = await asyncio.gather(*(protected.ask(each) for each in (protected.owner, protected.editor) * 4))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 7


async def test_a_deleted_template_is_moved_by_nobody_and_comes_back_protected(protected: Protected):
    address = await protected.asked()
    assert (await protected.owner.call("DELETE", protected.template)).status == 204
    assert (await protected.editor.post(f"{address}/approve", WHY)).status == 404
    assert (await protected.owner.post(f"{protected.template}/undelete")).status == 200
    assert (await protected.move(2)).body["code"] == "label_protected"
    assert (await protected.editor.post(f"{address}/approve", WHY)).status == 200


async def test_a_copy_and_an_import_bring_no_label_past_protection_and_none_with_them(protected: Protected):
    document = (await protected.owner.get(f"{protected.template}/export?format=json")).body
    document["templates"][0]["labels"] = {"production": 3}
    document["templates"][0]["versions"].append({"number": 4, "prompt": "Greet {{name}} in {{language}} twice."})
    assert (await protected.owner.post("/api/templates/import", document)).status in (200, 201)
    assert await protected.labels() == {"production": 1}
    assert (await protected.move(2)).body["code"] == "label_protected"
    copy = (await protected.editor.post(f"{protected.template}/fork")).body
    assert copy["labels"] == {}
    assert (
        await protected.editor.call("PUT", f"/api/templates/{copy['id']}/labels/production", {"version": 1})
    ).status == 200
