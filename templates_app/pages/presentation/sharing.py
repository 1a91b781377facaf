"""Whom a template is shared with, as a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from accounts.models import User
from accounts.sharing import MemberRole
from foundation.problems import Problem
from foundation.search.ordering import by_name
from templates_app.models import PromptTemplate, Visibility
from templates_app.sharing import share_json

SENTENCES: Final = {
    Visibility.PRIVATE: "You alone see it and run it.",
    Visibility.SHARED: "The people and teams below see it and run it; editors change it too.",
    Visibility.PUBLIC: "Everybody who signs in here finds it and runs it; editors below change it too.",
}


@dataclass(frozen=True)
class MemberRow:
    """Somebody in the list; `subject` is `user_id` or `team_id`."""

    subject: str
    id: str
    name: str
    about: str
    role: str

    @property
    def key(self) -> str:
        """The form's name for their role."""
        return f"role.{self.subject}.{self.id}"

    @property
    def value(self) -> str:
        """How a button names them."""
        return f"{self.subject}.{self.id}"


@dataclass(frozen=True)
class ShareForm:
    """The form as it stands: who is in, what is being added, and what is wrong."""

    visibility: str
    rows: list[MemberRow]
    teams: list[tuple[str, str]]
    new_person: str = ""
    new_team: str = ""
    new_role: str = MemberRole.VIEWER
    errors: dict[str, str] = field(default_factory=dict)
    is_saved: bool = False

    @classmethod
    def of(cls, template: PromptTemplate, user: User, *, is_saved: bool = False) -> ShareForm:
        """As it is saved."""
        rows = [_row(member) for member in share_json(template)["members"]]
        known = {row.id for row in rows}
        teams = [(str(team.id), team.name) for team in user.teams.order_by(*by_name()) if str(team.id) not in known]
        return cls(template.visibility, rows, teams, is_saved=is_saved)

    @classmethod
    def from_post(cls, data: Mapping[str, str], template: PromptTemplate, user: User) -> ShareForm:
        """As it was sent: roles changed, one taken out, one added."""
        saved = cls.of(template, user)
        rows = [
            replace(row, role=data.get(row.key, row.role)) for row in saved.rows if row.value != data.get("taken_out")
        ]
        return replace(
            saved,
            visibility=data.get("visibility", saved.visibility),
            rows=rows,
            new_person=data.get("new_person", "").strip(),
            new_team=data.get("new_team", ""),
            new_role=data.get("new_role", MemberRole.VIEWER),
        )

    def body(self) -> dict[str, Any]:
        """The API's body."""
        members = [{row.subject: row.id, "role": row.role} for row in self.rows]
        if self.new_person:
            members.append({"email": self.new_person, "role": self.new_role})
        if self.new_team:
            members.append({"team_id": self.new_team, "role": self.new_role})
        return {"visibility": self.visibility, "members": members}

    def refused(self, problem: Problem) -> ShareForm:
        """With the reason at its place."""
        found: dict[str, str] = {}
        for error in problem.errors:
            first, _, rest = error["field"].partition(".")
            position = rest.partition(".")[0]
            is_new = first == "members" and position.isdecimal() and int(position) >= len(self.rows)
            found.setdefault("new_person" if is_new else first, error["message"])
        return replace(self, errors=found or {"visibility": problem.detail})

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """The visibilities with a sentence each."""
        return [(each.value, SENTENCES[each], each == self.visibility) for each in Visibility]

    @property
    def roles(self) -> list[str]:
        """What a member may be."""
        return list(MemberRole.values)


def _row(member: Mapping[str, Any]) -> MemberRow:
    if member["user_id"]:
        return MemberRow("user_id", str(member["user_id"]), member["name"], member["email"] or "", member["role"])
    return MemberRow("team_id", str(member["team_id"]), member["name"], "team", member["role"])
