"""What an import would make, and how far a large one is, as the page shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from accounts.models import User
from foundation.words import counted, money, number
from history.importing.planning import Plan

MOST_NOTES: Final = 12


class PlannedSession:
    """One session to be."""

    def __init__(self, place: int, plan: Plan, user: User) -> None:
        self.place = place
        self.name = str(plan.session["name"])
        self.runs = counted(len(plan.executions), "run")
        self.cost = money(plan.total_cost)
        self.comparisons = len(plan.comparisons)
        self.files = counted(plan.taken_files, "file") if plan.taken_files else ""
        self.dropped_links = plan.dropped_links
        self.is_archived = bool(plan.session["archived"])
        self.before = plan.before(user)
        self.notes = plan.notes(user)[:MOST_NOTES]
        self.said = _said(plan)


def _said(plan: Plan) -> str:
    ratings = sum(len(each.get("ratings", ())) for each in plan.given)
    comments = sum(len(each.get("comments", ())) for each in plan.given)
    votes = sum(len(each.votes) for each in plan.comparisons)
    told = [(ratings, "rating"), (comments, "comment"), (votes, "vote")]
    return ", ".join(counted(count, what) for count, what in told if count)


class ImportView:
    """A large import; `told` is the API's."""

    def __init__(self, artifact_id: UUID, told: Mapping[str, Any]) -> None:
        self.id = artifact_id
        self.status: str = told["status"]
        self.is_made = told["status"] in ("pending", "running")
        self.percent = round(100 * told["progress"])
        self.sessions: list[dict[str, Any]] = told["sessions"]
        self.executions = number(sum(each["executions"] for each in told["sessions"]))
        self.notes: list[str] = told["notes"][:MOST_NOTES]
        self.error: str = told["error"] or ""
        self.faults: list[dict[str, Any]] = told["faults"][:MOST_NOTES]
