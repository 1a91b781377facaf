"""Who is a second person: somebody else, now, who could do it themselves, and no program."""

from __future__ import annotations

import uuid

from accounts.bearer import api_tokens
from accounts.bearer.scopes import Scope
from accounts.models import Role, Team, User
from foundation.database.threads import in_database_thread
from templates_app.models import PromptTemplate
from templates_app.versions.protection import approvers
from tests.cast import Person, new_user
from tests.servers.service import Service
from tests.templates_app.protecting import WHY, Protected, protected

__all__ = ["protected"]


async def program_of(user: User, *, made_by: User, url: str) -> Person:
    """A program that acts for `user` with every scope."""

    def made() -> str:
        name, scopes = uuid.uuid4().hex, list(Scope)
        return api_tokens.make(user=user, name=name, scopes=scopes, expires_in_days=None, made_by=made_by)[1]

    return Person(url, user, token=await in_database_thread(made))


async def test_t27_who_asks_does_not_approve_and_a_viewer_does_neither(protected: Protected, stranger: Person):
    address = await protected.asked(protected.editor)
    own = await protected.editor.post(f"{address}/approve", WHY)
    assert (own.status, own.body["code"]) == (403, "second_person")
    assert (await protected.editor.post(f"{address}/refuse", WHY)).status == 403
    assert (await stranger.post(f"{address}/approve", WHY)).status == 404
    await protected.share_with(stranger, protected.editor, role="viewer")
    assert (await stranger.post(f"{address}/approve", WHY)).status == 403
    assert (await protected.ask(stranger)).status == 403
    assert (await stranger.get(address)).status == 200
    assert await protected.labels() == {"production": 1}


async def test_t29_who_lost_the_right_approves_nothing_and_nothing_of_theirs_is_approved(protected: Protected):
    other = Person(protected.owner.url, await in_database_thread(new_user))
    await protected.share_with(protected.editor, other)
    address = await protected.asked(protected.editor)
    await protected.share_with(other)
    gone = await other.post(f"{address}/approve", WHY)
    assert (gone.status, gone.body["code"]) == (409, "asker_may_not"), gone.body
    assert (await other.post(f"{address}/refuse", WHY)).status == 200
    address = await protected.asked()
    assert (await protected.editor.post(f"{address}/approve", WHY)).status == 404
    await protected.share_with(protected.editor, role="viewer")
    assert (await protected.editor.post(f"{address}/approve", WHY)).status == 403
    await protected.share_with(protected.editor)

    def switch_off() -> None:
        assert protected.editor.user is not None
        protected.editor.user.is_active = False
        protected.editor.user.save(update_fields=["is_active"])

    await in_database_thread(switch_off)
    # Who was let in before is known for some seconds more.
    assert (await protected.editor.post(f"{address}/approve", WHY)).status in (401, 403)
    shown = (await protected.owner.get(f"{protected.template}/labels/production/protection")).body
    assert shown["approvers"] == []
    assert await protected.labels() == {"production": 1}


async def test_t21_a_demoted_curator_approves_nothing_from_then_on(protected: Protected, service: Service):
    curator = Person(service.url, await in_database_thread(lambda: new_user(roles=[Role.CURATOR])))
    await protected.share_with(protected.editor, visibility="public")
    assert (await curator.get(protected.template)).body["role"] == "curator"
    address = await protected.asked()

    def demote() -> None:
        assert curator.user is not None
        curator.user.roles = []
        curator.user.save(update_fields=["roles"])

    await in_database_thread(demote)
    assert (await curator.post(f"{address}/approve", WHY)).status == 403
    assert (await curator.post(f"{address}/refuse", WHY)).status == 403
    assert await protected.labels() == {"production": 1}
    assert (await protected.editor.post(f"{address}/approve", WHY)).status == 200


async def test_those_named_as_approvers_are_those_whom_the_rule_lets_change_it(protected: Protected):
    def check() -> None:
        team = Team.objects.create(name=f"Team of {protected.id}")
        mate, viewer, stranger = (new_user() for _ in range(3))
        curator, admin = (new_user(roles=[role]) for role in (Role.CURATOR, Role.ADMIN))
        left, program = new_user(is_active=False), new_user(is_service=True)
        team.members.add(mate, left)
        template = PromptTemplate.objects.get(id=protected.id)
        template.members.create(team=team, role="editor")
        template.members.create(user=viewer, role="viewer")
        template.members.create(user=program, role="editor")
        everybody = [mate, viewer, curator, admin, stranger, left, program, protected.owner.user, protected.editor.user]
        for visibility, withdrawn in (("private", False), ("shared", False), ("public", False), ("shared", True)):
            PromptTemplate.objects.filter(id=template.id).update(visibility=visibility, is_withdrawn=withdrawn)
            template.refresh_from_db()
            wanted = {
                each.username
                for each in everybody
                if each is not None
                and each.is_active
                and not each.is_service
                and PromptTemplate.objects.editable_by(each).filter(id=template.id).exists()
            }
            among = approvers(template).filter(id__in=[each.id for each in everybody if each])
            assert set(among.values_list("username", flat=True)) == wanted, (visibility, withdrawn)

    await in_database_thread(check)


async def test_what_somebody_asked_who_has_left_is_refused_and_makes_room(protected: Protected):
    leaver = Person(protected.owner.url, await in_database_thread(new_user))
    await protected.share_with(protected.editor, leaver)
    address = await protected.asked(leaver)
    assert leaver.user is not None
    await in_database_thread(leaver.user.delete)
    gone = await protected.editor.post(f"{address}/approve", WHY)
    assert (gone.status, gone.body["code"]) == (409, "asker_may_not")
    refused = await protected.editor.post(f"{address}/refuse", WHY)
    assert (refused.status, refused.body["asked_by"]) == (200, None)
    await protected.asked()


async def test_t21_t28_a_token_asks_and_is_nobodys_second_person(protected: Protected):
    user = protected.editor.user
    assert user is not None
    program = await program_of(user, made_by=user, url=protected.owner.url)
    address = await protected.asked()
    for method, path in (
        ("POST", f"{address}/approve"), ("POST", f"{address}/refuse"),
        ("PUT", f"{protected.template}/labels/production/protection"),
    ):  # fmt: skip
        refused = await program.call(method, path, WHY)
        assert (refused.status, refused.body["code"]) == (403, "insufficient_scope"), path
    assert (await protected.move(2, by=program)).body["code"] == "label_protected"
    assert (await protected.owner.post(f"{address}/withdraw", {})).status == 200
    asked = await protected.asked(program)
    assert (await protected.editor.post(f"{asked}/approve", WHY)).body["code"] == "second_person"
    assert (await protected.owner.post(f"{asked}/approve", WHY)).status == 200
    assert await protected.labels() == {"production": 2}


async def test_t28_who_made_the_token_of_a_service_is_not_the_second_person_of_what_it_asks(protected: Protected):
    service = await in_database_thread(lambda: new_user(name="Deployer", is_service=True))
    await protected.share_with(protected.editor, Person(protected.owner.url, service))
    maker = protected.editor.user
    assert maker is not None
    program = await program_of(service, made_by=maker, url=protected.owner.url)
    asked = await protected.asked(program)
    own = await protected.editor.post(f"{asked}/approve", WHY)
    assert (own.status, own.body["code"]) == (403, "second_person"), own.body
    assert (await protected.owner.post(f"{asked}/approve", WHY)).status == 200


async def test_t27_a_service_decides_nothing_even_by_another_credential(protected: Protected):
    service = Person(protected.owner.url, await in_database_thread(new_user))
    await protected.share_with(protected.editor, service)
    address = await protected.asked()
    assert (await service.get(address)).status == 200

    def become_a_service() -> None:
        assert service.user is not None
        User.objects.filter(id=service.user.id).update(is_service=True)

    await in_database_thread(become_a_service)
    for door in ("approve", "refuse"):
        assert (await service.post(f"{address}/{door}", WHY)).status in (401, 403)
    assert await protected.labels() == {"production": 1}
