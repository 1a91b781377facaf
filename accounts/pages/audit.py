"""`/audit`: who did what to which thing; administrators see all of it, everybody what they did themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from accounts.api.audit import AuditQuery, entries_seen_by, sees_all
from accounts.models import User
from accounts.pages.answers import is_htmx, user_of
from audit.acts import API_TOKEN, Act
from audit.models import AuditCheck, AuditEntry, AuditPublication, AuditStampCheck
from audit.places import page_of as page_of_object
from audit.reading import Page, narrowed, page_of
from foundation.search.counting import counted_rows
from foundation.words import age, counted

SIZE: Final = 50
MOST_COUNTED: Final = 1_000
"""Entries: the log is long, and has no index for every filter."""
WAYS: Final = (
    ("session", "a browser"),
    ("web_token", "a web token"),
    ("api_token", "an API token"),
    ("service", "the service itself"),
    ("database", "past the service"),
)
LABELS: Final = {
    "act": "Action", "kind": "Kind", "object": "Object", "actor": "Who", "by": "By", "address": "Address",
    "organisation": "Organisation", "from": "From", "to": "Before",
}  # fmt: skip
"""Of the filters, in the order in which they stand in the form."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An entry as its line shows it."""

    entry: AuditEntry
    who: str
    concerned: str

    @property
    def act(self) -> str:
        """In words."""
        return self.entry.act.replace("_", " ")

    @property
    def kind(self) -> str:
        """In words."""
        return self.entry.kind.replace("_", " ")

    @property
    def href(self) -> str:
        """The object's page; empty where it has none."""
        return page_of_object(self.entry.kind, self.entry.object_id)

    @property
    def all_of_it(self) -> str:
        """The query for all entries about the same object."""
        return urlencode({"kind": self.entry.kind, "object": self.entry.object_id})

    @property
    def way(self) -> str:
        """In words."""
        if self.entry.by.startswith(API_TOKEN):
            return "an API token"
        return dict(WAYS).get(self.entry.by) or self.entry.by

    @property
    def when(self) -> str:
        """How long ago."""
        return age(self.entry.at)


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set, and the query without it."""

    name: str
    value: str
    query: str


@never_cache
@require_GET
@vary_on_headers("HX-Request")
def audit_log(request: HttpRequest) -> HttpResponse:
    """The entries as the address narrows them; `cursor` gives further rows alone to htmx."""
    user = user_of(request)
    given = {name: request.GET[name] for name in (*LABELS, "cursor") if request.GET.get(name)}
    is_admin = sees_all(user)
    asked, errors = _asked(given)
    entries = entries_seen_by(user)
    page = page_of(entries, asked, size=SIZE) if not errors else Page([], None)
    filters = {name: value for name, value in given.items() if name in LABELS}
    context: dict[str, Any] = {
        "rows": _rows(page.entries),
        "next_query": urlencode({**filters, "cursor": page.next}) if page.next else "",
        "columns": 6,
    }
    if is_htmx(request) and "cursor" in given:
        return render(request, "accounts/_audit_rows.html", context)
    context |= {
        "found": counted_rows(narrowed(entries, asked), "entry", "entries", most=MOST_COUNTED) if not errors else "",
        "given": filters,
        "chips": _chips(filters),
        "query": urlencode(_exact(filters, asked)),
        "acts": [(value, value.replace("_", " ")) for value in Act.values],
        "ways": WAYS,
        "is_admin": is_admin,
        "chains": [*(_stamps() if is_admin else ()), *_chains(user, is_admin=is_admin)],
        "failures": AuditPublication.objects.exclude(failed_at=None).order_by("destination") if is_admin else (),
        "errors": errors,
        "faulty": [(f"filter-{name}", LABELS[name]) for name in errors if name in LABELS],
        "told": " ".join(errors.values()),
    }
    return render(request, "accounts/audit.html", context, status=400 if errors else 200)


def _asked(given: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The checked filters, and what is wrong with those that are not; people are also known by their names."""
    named = dict(given)
    if (actor := named.get("actor")) and not _is_uuid(actor):
        known = User.objects.filter(username=actor[:150]).values_list("id", flat=True).first()
        if known is None:
            return {}, {"actor": f"Nobody here is called “{actor[:80]}”."}
        named["actor"] = str(known)
    rules = AuditQuery(data=named)
    if rules.is_valid():
        return dict(rules.validated_data), {}
    return {}, {name: str(messages[0]) for name, messages in rules.errors.items()}


def _chips(filters: Mapping[str, str]) -> list[Chip]:
    def without(name: str) -> str:
        return urlencode({each: value for each, value in filters.items() if each != name})

    return [Chip(LABELS[name], value, without(name)) for name, value in filters.items()]


def _exact(filters: Mapping[str, str], asked: Mapping[str, Any]) -> dict[str, str]:
    """The filters as the API takes them."""
    return {**filters, **({"actor": str(asked["actor"])} if "actor" in asked else {})}


def _rows(entries: list[AuditEntry]) -> list[AuditRow]:
    ids = {entry.actor for entry in entries if entry.actor}
    ids |= {UUID(entry.concerns) for entry in entries if _is_uuid(entry.concerns)}
    names = {str(id_): name for id_, name in User.objects.filter(id__in=ids).values_list("id", "username")}
    return [
        AuditRow(entry, names.get(str(entry.actor), ""), names.get(entry.concerns, entry.concerns)) for entry in entries
    ]


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _chains(user: User, *, is_admin: bool) -> list[dict[str, Any]]:
    """What the last check found: of one's own chain; for administrators, of all, broken ones first."""
    checks = AuditCheck.objects.exclude(ended_at=None).order_by("organisation")
    if not is_admin:
        checks = checks.filter(organisation=user.organisation)
    return sorted(
        (
            {
                "name": check.organisation or "(no organisation)",
                "fault": check.fault,
                "length": counted(check.length, "entry", "entries"),
                "when": age(check.ended_at) if check.ended_at else "",
            }
            for check in checks
        ),
        key=lambda chain: not chain["fault"],
    )


def _stamps() -> list[dict[str, Any]]:
    """What the last check of the time stamps found, where there are any."""
    return [
        {
            "name": "Time stamps",
            "fault": check.fault,
            "length": counted(check.length, "stamp", "stamps"),
            "when": age(check.ended_at) if check.ended_at else "",
        }
        for check in AuditStampCheck.objects.exclude(ended_at=None)
        if check.fault or check.length
    ]
