"""What an import would write: new ids, and the links that stay whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from accounts.models import User
from history.importing.checking import Bundle, parents_of, read
from history.importing.files import NONE, Files, named_by, notes_of
from history.importing.remembering import Before, imported_before
from history.importing.rules import as_cost
from history.sequence import ascending_ids, parents_first
from templates_app.models import PromptTemplate, TemplateVersion

TemplateVersions = Mapping[tuple[UUID, int], UUID]
"""By template and number: the ids of the versions that the importer sees."""


@dataclass(frozen=True, slots=True)
class Links:
    """What ties an execution to others, in new ids."""

    parent_id: UUID | None
    comparison_id: UUID | None
    template_version_id: UUID | None
    replay_of: str | None
    dropped: int
    """Links that lead out of the bundle."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One execution to be."""

    id: UUID
    given: dict[str, Any]
    links: Links

    @property
    def cost(self) -> Decimal:
        """USD as it is stored."""
        return as_cost(self.given["usage"]["estimated_cost"])

    @property
    def billing(self) -> dict[str, Any] | None:
        """How the cost came about; None where the file does not say."""
        usage = self.given["usage"]
        if "details" not in usage and "cost_lines" not in usage:
            return None
        details = {name: told for name, told in usage.get("details", {}).items() if told is not None}
        amounts = ("unit_price_per_million", "cost")
        lines = [
            {**line, **{name: f"{Decimal(str(line[name])):f}" for name in amounts}}
            for line in usage.get("cost_lines", ())
        ]
        return {"details": details, "lines": lines}

    @property
    def ended_at(self) -> datetime:
        """When its answer was there."""
        begun: datetime = self.given["timestamp"]
        return begun + timedelta(seconds=self.given.get("execution_time") or 0)


@dataclass(frozen=True, slots=True)
class PlannedVote:
    """A vote to be; without an execution a tie."""

    author: Mapping[str, Any]
    execution_id: UUID | None
    voted_at: datetime


@dataclass(frozen=True, slots=True)
class PlannedComparison:
    """A comparison to be."""

    id: UUID
    copy_of: UUID
    """The first of which it is a copy, as the file says."""
    name: str
    created_at: datetime
    votes: list[PlannedVote]
    dropped: int
    """Votes for executions that are not in the bundle."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One session to be, with its executions in the order that they are kept in."""

    session: dict[str, Any]
    executions: list[Planned]
    files: Files = NONE
    comparisons: list[PlannedComparison] = field(default_factory=list)
    fingerprint: bytes = b""

    @property
    def origin(self) -> UUID | None:
        """The session's id where the file comes from."""
        return self.session.get("id")

    @property
    def total_cost(self) -> Decimal:
        """USD."""
        return sum((each.cost for each in self.executions), Decimal(0))

    @property
    def last_executed(self) -> datetime | None:
        """None without executions."""
        return max((each.ended_at for each in self.executions), default=None)

    @property
    def taken_files(self) -> int:
        """Files that come along."""
        return sum(key in self.files.carried for key in named_by(self.given))

    def before(self, user: User) -> list[Before]:
        """`user`'s earlier imports of it."""
        return imported_before(user=user, origin=self.origin, fingerprint=self.fingerprint)

    def notes(self, user: User) -> list[str]:
        """What cannot come along, a sentence each."""
        return notes_of(self.files, self.given, user=user)

    @property
    def given(self) -> list[dict[str, Any]]:
        """The executions as the bundle has them."""
        return [each.given for each in self.executions]

    @property
    def dropped_links(self) -> int:
        """Links that lead out of the bundle."""
        votes = sum(each.dropped for each in self.comparisons)
        return sum(each.links.dropped for each in self.executions) + votes


def plan(bundle: Bundle, *, template_versions: TemplateVersions) -> Plan:
    """In the bundle's order, also of what began in the same moment; only parents come before their children."""
    ordered = _ordered(bundle.executions)
    new_ids = ascending_ids(len(ordered))
    executions = {given["id"]: key for given, key in zip(ordered, new_ids, strict=True) if given.get("id")}
    named = (given["comparison_id"] for given in ordered if given.get("comparison_id"))
    comparisons = {old: uuid4() for old in dict.fromkeys(named)}
    planned = [
        Planned(key, given, _links(given, executions, comparisons, template_versions))
        for given, key in zip(ordered, new_ids, strict=True)
    ]
    compared = _comparisons(bundle, planned, comparisons, executions)
    return Plan(bundle.session, planned, bundle.files, compared, bundle.fingerprint)


def _comparisons(
    bundle: Bundle, planned: list[Planned], ids: Mapping[UUID, UUID], executions: Mapping[UUID, UUID]
) -> list[PlannedComparison]:
    """Those that executions name; what the file does not say of one is as its first execution has it."""
    told = {given["id"]: given for given in bundle.comparisons}
    members: dict[UUID, list[Planned]] = {}
    for each in planned:
        if each.links.comparison_id:
            members.setdefault(each.links.comparison_id, []).append(each)
    found = []
    for old, new in ids.items():
        given = told.get(old, {})
        here = {each.id for each in members[new]}
        votes = [
            PlannedVote(vote["author"], executions.get(vote["execution_id"]), vote["voted_at"])
            for vote in given.get("votes", ())
            if vote["execution_id"] is None or executions.get(vote["execution_id"]) in here
        ]
        begun = given.get("created_at") or min(each.given["timestamp"] for each in members[new])
        dropped = len(given.get("votes", ())) - len(votes)
        name = given.get("name", "")
        found.append(PlannedComparison(new, given.get("copy_of") or old, name, begun, votes, dropped))
    return found


def _ordered(executions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    parents = parents_of(executions)
    positions = parents_first(range(len(executions)), key=int, parents=parents)
    return [executions[position] for position in positions]


def planned_for(user: User, body: Any) -> Plan:
    """What importing `body` would write for `user`; raises a 400 problem with a dotted path a fault."""
    bundle = read(body)
    return plan(bundle, template_versions=_versions_named(user, _templates_named(bundle)))


def _versions_named(user: User, named: set[tuple[UUID, int]]) -> dict[tuple[UUID, int], UUID]:
    """The versions that a bundle names and `user` may see, by template and number."""
    seen = PromptTemplate.objects.visible_to(user).filter(id__in={template for template, _ in named})
    found = TemplateVersion.objects.filter(template__in=seen).values_list("template_id", "number", "id")
    return {(template, number): key for template, number, key in found if (template, number) in named}


def _templates_named(bundle: Bundle) -> set[tuple[UUID, int]]:
    """Template and number of each version that an execution names."""
    named = (given["template"] for given in bundle.executions if given.get("template"))
    return {(link["id"], link["version"]) for link in named}


def _links(
    given: Mapping[str, Any],
    executions: Mapping[UUID, UUID],
    comparisons: Mapping[UUID, UUID],
    template_versions: TemplateVersions,
) -> Links:
    named = given.get("template")
    template = template_versions.get((named["id"], named["version"])) if named else None
    parent = executions.get(given["parent_id"]) if given.get("parent_id") else None
    replayed = given.get("metadata", {}).get("replay_of")
    replay = executions.get(_as_id(replayed)) if replayed else None  # type: ignore[arg-type]
    lost = (
        bool(named) and template is None,
        bool(given.get("parent_id")) and parent is None,
        bool(replayed) and replay is None,
    )
    return Links(
        parent_id=parent,
        comparison_id=comparisons.get(given["comparison_id"]) if given.get("comparison_id") else None,
        template_version_id=template,
        replay_of=str(replay) if replay else None,
        dropped=sum(lost),
    )


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
