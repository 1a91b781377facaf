"""A template whose label is protected, and two who may edit it."""

from __future__ import annotations

from typing import Any

import pytest

from foundation.database.threads import in_database_thread
from tests.cast import Answer, Person, new_user
from tests.templates_app.conftest import MakeTemplate

WHY = {"reason": "It reads the answer well."}


class Protected:
    """A template of `owner`'s with three versions, `production` protected at the first, and an editor beside them."""

    def __init__(self, owner: Person, editor: Person, template: dict[str, Any]) -> None:
        self.owner, self.editor, self.id = owner, editor, str(template["id"])

    @classmethod
    async def make(cls, owner: Person, make_template: MakeTemplate) -> Protected:
        """With the label at version 1."""
        editor = Person(owner.url, await in_database_thread(lambda: new_user(name="Edda Editor")))
        protected = cls(owner, editor, await make_template())
        await protected.share_with(editor)
        for prompt in ("Greet {{name}} again in {{language}}.", "Greet {{name}} in {{language}}, warmly."):
            assert (await owner.call("PATCH", protected.template, {"prompt": prompt})).status == 200
        assert (await protected.move(1)).status == 200
        assert (await protected.protect()).status == 200
        return protected

    @property
    def template(self) -> str:
        """Its address."""
        return f"/api/templates/{self.id}"

    @property
    def requests(self) -> str:
        """Where something is asked of the label."""
        return f"{self.template}/labels/production/requests"

    async def share_with(self, *people: Person, role: str = "editor", visibility: str = "shared") -> None:
        """Lets them edit, or view."""
        members = [{"user_id": str(each.user.id), "role": role} for each in people if each.user]
        given = {"visibility": visibility, "members": members}
        assert (await self.owner.call("PUT", f"{self.template}/share", given)).status == 200

    async def protect(self, by: Person | None = None) -> Answer:
        """PUT …/protection."""
        return await (by or self.owner).call("PUT", f"{self.template}/labels/production/protection")

    async def move(self, version: int, *, by: Person | None = None) -> Answer:
        """PUT …/labels/production."""
        return await (by or self.owner).call("PUT", f"{self.template}/labels/production", {"version": version})

    async def ask(self, by: Person | None = None, **asked: Any) -> Answer:
        """POST …/requests; by itself for version 2."""
        asked = {"reason": "Customers wait for it.", **(asked or {"version": 2})}
        return await (by or self.owner).post(self.requests, asked)

    async def asked(self, by: Person | None = None, **asked: Any) -> str:
        """The address of a new request."""
        answer = await self.ask(by, **asked)
        assert answer.status == 201, answer.body
        return f"{self.requests}/{answer.body['id']}"

    async def labels(self) -> dict[str, int]:
        """Where the labels point."""
        labels: dict[str, int] = (await self.owner.get(self.template)).body["labels"]
        return labels


@pytest.fixture
async def protected(author: Person, make_template: MakeTemplate) -> Protected:
    """As `Protected` has it."""
    return await Protected.make(author, make_template)
