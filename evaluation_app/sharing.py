"""Whom a test is shared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.sharing import Member, MemberRole, members_json, people_of, replace_members, resolve_members
from evaluation_app.lookup import governed
from evaluation_app.models import EvaluationTest
from evaluation_app.running import notifying


@transaction.atomic
def share(*, user: User, test_id: UUID, members: Sequence[Mapping[str, Any]]) -> EvaluationTest:
    """Sets whom the test is shared with; those left out lose it at once."""
    governed(user, test_id)
    test = EvaluationTest.objects.select_for_update(no_key=True, of=("self",)).select_related("session").get(id=test_id)
    resolved = resolve_members(members, by=user, owner_id=test.user_id)
    before = people_of(test.members)
    replace_members(test.members, resolved)
    # Each answer is an execution of the hidden session: to read it is all that anybody but the owner may there.
    readers = [Member(each.user, each.team, MemberRole.VIEWER) for each in resolved]
    replace_members(test.session.members, readers)
    notifying.tell_shared(test, by=user.id, people=people_of(test.members) - before)
    return test


def share_alike(made: EvaluationTest, like: EvaluationTest) -> None:
    """Shares a test that was just made with those who see another one of its owner; call it within a transaction."""
    members = [Member(each.user, each.team, each.role) for each in like.members.select_related("user", "team")]
    replace_members(made.members, members)
    replace_members(made.session.members, [Member(each.user, each.team, MemberRole.VIEWER) for each in members])


def share_json(test: EvaluationTest) -> dict[str, Any]:
    """The share as the API tells it."""
    return {"members": members_json(test.members.select_related("user", "team").order_by("id"))}
