"""The share dialog's form: its lines, a new line, and where a refusal stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from foundation.problems import Problem

_KEY: Final = re.compile(r"member\.(\d{1,3})\.subject")


@dataclass(frozen=True)
class Line:
    """One member; `subject` is `user:<id>` or `team:<id>`."""

    subject: str
    name: str
    email: str
    role: str
    error: str = ""

    @property
    def is_team(self) -> bool:
        """Whether it stands for many."""
        return self.subject.startswith("team:")

    @property
    def entry(self) -> dict[str, str]:
        """As the API takes it."""
        kind, _, identifier = self.subject.partition(":")
        return {"team_id" if kind == "team" else "user_id": identifier, "role": self.role}


@dataclass
class ShareForm:
    """What stands in the dialog: members as they are, and somebody new."""

    kept: list[Line] = field(default_factory=list)
    who: str = ""
    team: str = ""
    role: str = "viewer"
    removed: str = ""

    @classmethod
    def from_members(cls, members: Iterable[Mapping[str, Any]]) -> ShareForm:
        """The form that would leave the share as it is."""
        return cls([_line(each) for each in members])

    @classmethod
    def from_post(cls, data: Mapping[str, str]) -> ShareForm:
        """The form as it was sent; the button `gone` names the line that goes."""
        removed = data.get("gone", "")
        kept, gone = [], ""
        for found in filter(None, map(_KEY.fullmatch, data)):
            key = f"member.{found[1]}"
            texts = (data.get(f"{key}.{part}", "") for part in ("subject", "name", "email", "role"))
            line = Line(*texts)
            if line.subject == removed:
                gone = line.name
            else:
                kept.append(line)
        who, team = data.get("who", "").strip(), data.get("team", "")
        if removed:
            who = team = ""
        return cls(kept, who, team, data.get("role", "viewer"), gone)

    @property
    def members(self) -> list[dict[str, str]]:
        """The share as the API takes it."""
        new = [{"email": self.who, "role": self.role}] if self.who else []
        new += [{"team_id": self.team, "role": self.role}] if self.team else []
        return [*(line.entry for line in self.kept), *new]

    def lines(self, errors: Iterable[Mapping[str, str]]) -> list[Line]:
        """The members, each with what is wrong with it."""
        told = {each["field"].split(".")[1]: each["message"] for each in errors if "." in each["field"]}
        return [replace(line, error=told.get(str(position), "")) for position, line in enumerate(self.kept)]

    def problem_of_new(self, problem: Problem) -> str:
        """What is wrong with whom one adds, or with the whole."""
        places = [f"members.{len(self.kept)}", f"members.{len(self.kept) + 1}"]
        mine = [each["message"] for each in problem.errors if each["field"].startswith(tuple(places))]
        return " ".join(mine) or ("" if problem.errors else problem.detail or problem.title)

    @property
    def summary(self) -> str:
        """What has been done."""
        if self.removed:
            return f"{self.removed} does not see it any more."
        if self.who:
            return f"Shared with {self.who}."
        return "Shared with the team." if self.team else "Saved."

    def teams_left(self, teams: Iterable[Any]) -> Sequence[Any]:
        """Those that it is not shared with yet."""
        there = {line.subject for line in self.kept}
        return [team for team in teams if f"team:{team.id}" not in there]


def _line(member: Mapping[str, Any]) -> Line:
    subject = f"team:{member['team_id']}" if member["team_id"] else f"user:{member['user_id']}"
    return Line(subject, str(member["name"]), member["email"] or "", str(member["role"]))
