"""The form that shares a test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from accounts.models import User
from accounts.sharing import MemberRole
from evaluation_app.models import EvaluationTest
from evaluation_app.sharing import share_json
from foundation.problems import Problem
from foundation.search.ordering import by_name


@dataclass(frozen=True)
class Row:
    """Somebody who is in."""

    subject: str
    """`user_id` or `team_id`."""
    id: str
    name: str
    about: str
    role: str

    @property
    def key(self) -> str:
        """The name of its role's field, and how a button names it."""
        return f"{self.subject}.{self.id}"


@dataclass(frozen=True)
class ShareForm:
    """The form as it stands: who is in, who is being added, and what is wrong."""

    rows: list[Row]
    teams: list[tuple[str, str]]
    new_person: str = ""
    new_team: str = ""
    new_role: str = MemberRole.VIEWER
    errors: dict[str, str] = field(default_factory=dict)
    is_saved: bool = False

    @classmethod
    def of(cls, test: EvaluationTest, user: User, *, is_saved: bool = False) -> ShareForm:
        """As it is saved."""
        rows = [_row(member) for member in share_json(test)["members"]]
        known = {row.id for row in rows}
        teams = [(str(team.id), team.name) for team in user.teams.order_by(*by_name()) if str(team.id) not in known]
        return cls(rows, teams, is_saved=is_saved)

    @classmethod
    def from_post(cls, data: Mapping[str, str], test: EvaluationTest, user: User) -> ShareForm:
        """As it was sent: roles changed, one taken out, one added."""
        saved, gone = cls.of(test, user), data.get("taken_out")
        return replace(
            saved,
            rows=[replace(row, role=data.get(row.key, row.role)) for row in saved.rows if row.key != gone],
            new_person=data.get("new_person", "").strip(),
            new_team=data.get("new_team", ""),
            new_role=data.get("new_role", MemberRole.VIEWER),
        )

    @property
    def members(self) -> list[dict[str, str]]:
        """The share as the API takes it."""
        members = [{row.subject: row.id, "role": row.role} for row in self.rows]
        members += [{"email": self.new_person, "role": self.new_role}] if self.new_person else []
        return members + ([{"team_id": self.new_team, "role": self.new_role}] if self.new_team else [])

    def refused(self, problem: Problem) -> ShareForm:
        """With the reason at its place."""
        found: dict[str, str] = {}
        for error in problem.errors:
            position = error["field"].removeprefix("members.").partition(".")[0]
            is_new = position.isdecimal() and int(position) >= len(self.rows)
            found.setdefault("new_person" if is_new else "members", error["message"])
        return replace(self, errors=found or {"members": problem.detail})

    @property
    def roles(self) -> list[tuple[str, str]]:
        """What a member may be, in words."""
        words = {MemberRole.VIEWER: "read", MemberRole.EDITOR: "read, steer and judge anew"}
        return [(role.value, words[role]) for role in MemberRole]


def _row(member: Mapping[str, Any]) -> Row:
    if member["user_id"]:
        return Row("user_id", str(member["user_id"]), member["name"], member["email"] or "", member["role"])
    return Row("team_id", str(member["team_id"]), member["name"], "team", member["role"])
