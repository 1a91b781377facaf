"""Whether an entry is new, brings new versions of what is here, brings nothing, or contradicts what is here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from accounts.models import User
from foundation.words import counted
from templates_app.call.artifacts import artifacts
from templates_app.exchange.entries import CONFLICT, CREATE, SKIP, UPDATE, Entry
from templates_app.exchange.origins import remembered
from templates_app.models import ImportedTemplate, PromptTemplate
from templates_app.versions import labels
from templates_app.versions.difference import changes

APPEND, COPY = "append", "copy"
WISHES = (APPEND, COPY)
"""What can be done with a conflict: its versions come on top of ours, or it becomes a second template."""
KEPT = ("name", "category", "description", "tags")
"""What of a template that is here stays, whatever the file says."""


@dataclass(frozen=True, slots=True)
class Here:
    """What of the entries is known here already: asked of the database once for all of them."""

    ids: frozenset[UUID]
    names: frozenset[str]
    slugs: frozenset[str]
    memory: Mapping[str, ImportedTemplate]

    @classmethod
    def of(cls, entries: Iterable[Entry], *, user: User) -> Here:
        """For these entries and this importer."""
        listed = [each for each in entries if not each.errors]
        ids = [each.given["id"] for each in listed if each.given.get("id")]
        slugs = [each.given["slug"] for each in listed if each.given.get("slug")]
        own = PromptTemplate.objects.filter(owner=user)
        names = own.alive().filter(name__in=[each.name for each in listed])
        return cls(
            frozenset(PromptTemplate.objects.editable_by(user).filter(id__in=ids).values_list("id", flat=True)),
            frozenset(names.values_list("name", flat=True)),
            frozenset(slug for slug in own.filter(slug__in=slugs).values_list("slug", flat=True) if slug),
            remembered([each.origin for each in listed], user=user),
        )


def decide(entry: Entry, *, user: User, here: Here, wish: str) -> None:
    """Sets the entry's action and reason, and notes what will not be as the file has it."""
    row = here.memory.get(entry.origin)
    named: UUID | None = entry.given.get("id")
    mine = PromptTemplate.objects.editable_by(user).select_related("current")
    same = (mine.get(id=named) if named in here.ids else None) or (row.template if row else None)
    entry.is_remembered = row is not None
    before = f" It was imported before, on {row.run.created_at:%-d %B %Y}." if row else ""
    is_called_so = same is None and entry.name in here.names
    namesake = mine.filter(owner=user, name=entry.name).order_by("created_at").first() if is_called_so else None
    entry.template = same or namesake
    if entry.template is None:
        _note_new(entry, here)
        return
    known = set(entry.template.versions.values_list("content_hash", flat=True))
    new = [content for content in entry.contents if content.hash not in known]
    if not new:
        entry.id = entry.template.id
        entry.action, entry.reason = SKIP, f"Every version of it is here already.{before}"
        entry.notes += _what_stays(entry, entry.template)
    elif _knows_present(entry, entry.template, row):
        _update(entry, f"{counted(len(new), 'new version')} will be added; nothing is overwritten.{before}")
    else:
        _contradict(entry, here, is_same=same is not None, before=before, wish=wish)


def _knows_present(entry: Entry, template: PromptTemplate, row: ImportedTemplate | None) -> bool:
    """Whether the file goes on from the version that is the present one here.

    It holds it; or a version of the same moment, which somebody has edited in the file; or it brought it.
    """
    present = template.version
    return (
        present.content_hash in {content.hash for content in entry.contents}
        or present.created_at in {each.get("created_at") for each in entry.given["versions"]}
        or (row is not None and row.template_id == template.id and row.version_after == present.number)
    )


def _update(entry: Entry, reason: str) -> None:
    assert entry.template is not None  # noqa: S101 - for the type checker
    entry.id = entry.template.id
    entry.action, entry.reason = UPDATE, reason
    entry.notes += _what_stays(entry, entry.template)


def _contradict(entry: Entry, here: Here, *, is_same: bool, before: str, wish: str) -> None:
    template = entry.template
    assert template is not None  # noqa: S101 - for the type checker
    if wish == APPEND:
        _update(entry, f"The file's versions will come on top of version {template.version.number}.{before}")
        return
    if wish == COPY:
        entry.template = None
        entry.action, entry.reason = CREATE, f"A second template beside {template.name}.{before}"
        _note_new(entry, here)
        return
    entry.action = CONFLICT
    entry.changes = changes(template.version.content, entry.contents[-1])
    entry.reason = (
        f"It was changed here and in the file: version {template.version.number} here is not in the file.{before}"
        if is_same
        else f"You have another template of this name ({template.id}), and it holds another text."
    )


def _note_new(entry: Entry, here: Here) -> None:
    for position, content in enumerate(entry.contents):
        for place in artifacts(content):
            entry.notes.append(
                f"versions.{position}: the document has no bytes for the file of {place}. "
                "Where it is not yours, upload it, and name it anew."
            )
    slug = entry.given.get("slug")
    if slug and slug in here.slugs:
        entry.notes.append(
            f"The slug {slug} is that of another template of yours: this one gets a slug of its name, "
            f"and {{{{> {slug}}}}} means the other one."
        )


def _what_stays(entry: Entry, template: PromptTemplate) -> Iterator[str]:
    """A note for what means something else here than in the file, and stays."""
    for name in KEPT:
        if name in entry.draft.entry and entry.given[name] != getattr(template, name):
            yield f"Its {name} stays as it is here; the file has another."
    here = labels.labels_of(template)
    numbers = dict(template.versions.values_list("content_hash", "number"))
    listed = zip(entry.given["versions"], entry.contents, strict=True)
    wanted = {each["number"]: numbers.get(content.hash) for each, content in listed}
    for label, number in sorted(entry.given["labels"].items()):
        if label not in here:
            yield f"The label {label} is not set: labels of a template that is here stay as they are."
        elif here[label] != wanted[number]:
            yield f"The label {label} stays at version {here[label]}: moving one is a decision of its own."


def is_taken(slug: str, user: User) -> bool:
    """Whether a template of `user` has this slug already, also a deleted one."""
    return PromptTemplate.objects.filter(owner=user, slug=slug).exists()
