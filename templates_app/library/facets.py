"""What the library can be narrowed by: how many of its templates each category, label, owner and tag has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from accounts.models import User
from foundation.search.ordering import name_order
from templates_app.library.filters import narrowed

NOTHING: Final[Mapping[str, Any]] = {}

Counts = list[dict[str, Any]]
"""`{name, count}` each; an owner's name is its id, and the person's name stands beside it as `title`."""

_ALL: Final = ""
_COUNTED: Final = {
    _ALL: "SELECT '' AS facet, '' AS name, count(*) FROM found",
    "category": "SELECT 'category', category, count(*) FROM found GROUP BY category",
    "label": "SELECT 'label', labels.name, count(*) FROM template_labels AS labels"
    " JOIN found ON found.id = labels.template_id GROUP BY labels.name",
    "owner": "(SELECT 'owner', owner_id::text, count(*) FROM found GROUP BY owner_id"
    " ORDER BY count(*) DESC, owner_id LIMIT 100)",
    # The most used of them: nobody reads more.
    "tag": "(SELECT 'tag', tag, count(*) FROM found, unnest(tags) AS tag GROUP BY tag"
    " ORDER BY count(*) DESC, tag LIMIT 500)",
}


@dataclass(frozen=True)
class Facets:
    """Of the templates that a query asks for: how many there are, and each facet whatever it is narrowed to itself."""

    count: int
    categories: Counts
    labels: Counts
    owners: Counts
    tags: Counts


def facets(user: User, wanted: Mapping[str, Any]) -> Facets:
    """All of them: what one look at the templates can tell is told by one."""
    wanted = {**wanted, "owner": str(user.id) if wanted.get("owner") == "me" else wanted.get("owner")}
    chosen = [name for name in _COUNTED if name and wanted.get(name)]
    found = _counted(user, wanted, *(name for name in _COUNTED if name not in chosen))
    for name in chosen:
        found |= _counted(user, {**wanted, name: ""}, name)
    return Facets(
        count=found[_ALL][0]["count"],
        categories=sorted(found["category"], key=_in_alphabet),
        labels=sorted(found["label"], key=_in_alphabet),
        owners=_named(found["owner"], wanted.get("owner")),
        tags=found["tag"],
    )


def categories(user: User, wanted: Mapping[str, Any] = NOTHING) -> Counts:
    """Each category of the templates that `wanted` asks for, whatever category it names; in alphabetical order."""
    return sorted(_counted(user, {**wanted, "category": ""}, "category")["category"], key=_in_alphabet)


def tags(user: User, wanted: Mapping[str, Any] = NOTHING) -> Counts:
    """Each tag of the templates that `wanted` asks for, whatever tag it names; most used first."""
    return _counted(user, {**wanted, "tag": ""}, "tag")["tag"]


def _in_alphabet(row: dict[str, Any]) -> Any:
    return name_order(row["name"])


def _named(owners: Counts, chosen: str | None) -> Counts:
    """Each owner with the person's name, the one who is chosen among them in any case; in alphabetical order."""
    counts = {row["name"]: row["count"] for row in owners} | ({chosen: 0} if chosen else {})
    counts |= {row["name"]: row["count"] for row in owners}
    people = User.objects.filter(id__in=list(counts))
    rows = [{"name": str(each.id), "title": str(each), "count": counts[str(each.id)]} for each in people]
    return sorted(rows, key=lambda row: name_order(row["title"]))


def _counted(user: User, wanted: Mapping[str, Any], *names: str) -> dict[str, Counts]:
    sql, parameters = (
        narrowed(user, wanted).order_by().values("id", "category", "tags", "owner_id").query.sql_with_params()
    )
    counted: dict[str, Counts] = {name: [] for name in names}
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH found AS MATERIALIZED ({sql}) " + " UNION ALL ".join(_COUNTED[name] for name in names),
            parameters,
        )
        for facet, name, count in cursor.fetchall():
            counted[facet].append({"name": name, "count": count})
    counted.get("tag", []).sort(key=lambda row: (-row["count"], row["name"]))
    return counted
