"""Import: the whole document is judged before anything is written, and nothing is overwritten in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from rest_framework import serializers

from accounts.models import User
from foundation.problems import FieldError, Problem, field_errors, invalid
from foundation.rest.serializers import StrictSerializer
from templates_app.bodies import ContentSerializer, TagsField, VersionNumberField, content_of, stated_content_of
from templates_app.call.artifacts import artifacts
from templates_app.content import Content
from templates_app.exchange.document import FORMAT, SCHEMA_VERSION
from templates_app.library import search
from templates_app.lookup import LABEL
from templates_app.models import PromptTemplate, TemplateVersion
from templates_app.partials.binding import bind
from templates_app.partials.references import LONGEST_SLUG, SLUG
from templates_app.rendering.render import used_names_among
from templates_app.versions import labels, lifecycle

MOST_TEMPLATES: Final = 500
MOST_VERSIONS: Final = 200


class VersionEntry(ContentSerializer):
    """One version of an entry."""

    number = VersionNumberField()
    note = serializers.CharField(max_length=1_000, allow_blank=True, default="")
    created_at = serializers.DateTimeField(required=False)


class TemplateEntry(StrictSerializer):
    """One template of the document."""

    id = serializers.UUIDField(required=False, allow_null=True)
    name = serializers.CharField(max_length=255)
    slug = serializers.RegexField(f"^{SLUG}$", max_length=LONGEST_SLUG, required=False, allow_null=True)
    category = serializers.CharField(max_length=100)
    description = serializers.CharField(max_length=10_000, allow_blank=True, default="", trim_whitespace=False)
    tags = TagsField(required=False, default=list)
    versions: Any = serializers.ListSerializer(child=VersionEntry(), min_length=1, max_length=MOST_VERSIONS)
    labels: Any = serializers.DictField(child=VersionNumberField(), required=False, default=dict)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        numbers = [each["number"] for each in attrs["versions"]]
        if numbers != sorted(set(numbers)):
            raise serializers.ValidationError({"versions": ["Versions are numbered upwards, each number once."]})
        for label, number in attrs["labels"].items():
            if not LABEL.fullmatch(label):
                raise serializers.ValidationError({"labels": [f"{label[:60]!r} is no label."]})
            if number not in numbers:
                raise serializers.ValidationError(
                    {"labels": [f"{label} points at version {number}, which is not here."]}
                )
        return attrs


@dataclass(slots=True)
class Entry:
    """What will be done with one template of the document."""

    index: int
    name: str
    action: str
    reason: str
    given: Mapping[str, Any] = field(repr=False)
    contents: list[Content] = field(repr=False, default_factory=list)
    id: UUID | None = None
    notes: list[str] = field(default_factory=list)
    """What is not carried over, or not as the document has it, a sentence each."""
    made: list[tuple[int, TemplateVersion]] = field(repr=False, default_factory=list)
    """The versions that were written, each with its place in the entry."""

    def as_json(self) -> dict[str, Any]:
        """The API's shape."""
        told = ("index", "name", "action", "reason", "id", "notes")
        return {name: getattr(self, name) for name in told}


def plan(document: Any, *, user: User) -> list[Entry]:
    """What an import of `document` would do, entry by entry; a Problem names each place that does not hold."""
    if not isinstance(document, dict):
        raise invalid([FieldError("", "invalid", "A document with `format`, `version` and `templates` is expected.")])
    errors = list(_envelope_errors(document))
    if errors:
        raise invalid(errors)
    judged = [_judged(shape) for shape in document["templates"]]
    used = used_names_among(_stated(judged))
    entries: list[Entry] = []
    for index, attrs in enumerate(judged):
        try:
            entries.append(_entry(index, attrs, used, user))
        except Problem as problem:
            errors += _placed([FieldError(**each) for each in problem.errors], f"templates.{index}")
    if errors:
        raise invalid(errors)
    return entries


def _judged(shape: Any) -> dict[str, Any] | Problem:
    given = TemplateEntry(data=shape)
    try:
        given.is_valid(raise_exception=True)
    except serializers.ValidationError as error:
        return invalid(field_errors(error.detail))
    return dict(given.validated_data)


def _stated(judged: Iterable[dict[str, Any] | Problem]) -> Iterator[Content]:
    for attrs in judged:
        if not isinstance(attrs, Problem):
            yield from map(stated_content_of, attrs["versions"])


def _envelope_errors(document: dict[str, Any]) -> Iterator[FieldError]:
    if document.get("format") != FORMAT:
        yield FieldError("format", "foreign", f"{FORMAT!r} is expected.")
    elif document.get("version") != SCHEMA_VERSION:
        yield FieldError("version", "foreign", f"Schema version {SCHEMA_VERSION} is read here.")
    for name in sorted(document.keys() - {"format", "version", "templates", "notes"}):
        yield FieldError(name, "unknown", "There is no such field.")
    templates = document.get("templates")
    if not isinstance(templates, list) or not 1 <= len(templates) <= MOST_TEMPLATES:
        yield FieldError("templates", "invalid", f"A list of 1 to {MOST_TEMPLATES} templates is expected.")


def _placed(errors: list[FieldError], place: str) -> list[FieldError]:
    return [FieldError(f"{place}.{each.field}".rstrip("."), each.code, each.message) for each in errors]


def _entry(index: int, attrs: dict[str, Any] | Problem, used: Callable[[Content], list[str]], user: User) -> Entry:
    if isinstance(attrs, Problem):
        raise attrs
    contents = []
    for position, version in enumerate(attrs["versions"]):
        try:
            contents.append(content_of(version, used=used))
        except Problem as problem:
            listed = [FieldError(**each) for each in problem.errors]
            raise invalid(_placed(listed, f"versions.{position}")) from None
    entry = Entry(index, attrs["name"], "create", "New.", attrs, contents)
    _decide(entry, user)
    return entry


def _decide(entry: Entry, user: User) -> None:
    mine = PromptTemplate.objects.editable_by(user).select_related("current")
    named: UUID | None = entry.given.get("id")
    same = mine.filter(id=named).first() if named else None
    if same is not None:
        entry.id = same.id
        known = set(same.versions.values_list("content_hash", flat=True))
        new = [content for content in entry.contents if content.hash not in known]
        if new:
            entry.action, entry.reason = "update", f"{len(new)} new version(s) will be added; nothing is overwritten."
        else:
            entry.action, entry.reason = "skip", "Every version of it is here already."
        entry.notes += _labels_that_stay(entry, same)
        return
    namesake = PromptTemplate.objects.alive().filter(owner=user, name=entry.name).first()
    if namesake is not None:
        entry.action = "conflict"
        entry.reason = f"You have another template of this name ({namesake.id}): rename one of the two."
        return
    for position, content in enumerate(entry.contents):
        for place in artifacts(content):
            entry.notes.append(
                f"versions.{position}: the document has no bytes for the file of {place}. "
                "Where it is not yours, upload it, and name it anew."
            )
    slug = entry.given.get("slug")
    if slug and _free_slug(slug, user) is None:
        entry.notes.append(
            f"The slug {slug} is that of another template of yours: this one gets a slug of its name, "
            f"and {{{{> {slug}}}}} means the other one."
        )


def _labels_that_stay(entry: Entry, template: PromptTemplate) -> Iterator[str]:
    """A note for each label that means another content here than in the document."""
    here = labels.labels_of(template)
    numbers = dict(template.versions.values_list("content_hash", "number"))
    listed = zip(entry.given["versions"], entry.contents, strict=True)
    wanted = {each["number"]: numbers.get(content.hash) for each, content in listed}
    for label, number in sorted(entry.given["labels"].items()):
        if label not in here:
            yield f"The label {label} is not set: labels of a template that is here stay as they are."
        elif here[label] != wanted[number]:
            yield f"The label {label} stays at version {here[label]}: moving one is a decision of its own."


@transaction.atomic
def carry_out(entries: list[Entry], *, user: User, is_rehearsal: bool = False) -> None:
    """Writes what the plan says, all of it or nothing; nothing in a rehearsal, which finds what only writing tells.

    Partials are looked for when all templates are there: a document may hold them in any order.
    """
    for entry in entries:
        if entry.action == "create":
            _create(entry, user)
        elif entry.action == "update":
            _update(entry, user)
    _bind(entries, user)
    if is_rehearsal:
        transaction.set_rollback(True)
        for entry in entries:
            entry.id = entry.id if entry.action == "update" else None


def _bind(entries: list[Entry], user: User) -> None:
    errors: list[FieldError] = []
    for entry in entries:
        for position, version in entry.made:
            try:
                bind(version, saver=user)
            except Problem as problem:
                listed = [FieldError(**each) for each in problem.errors]
                errors += _placed(listed, f"templates.{entry.index}.versions.{position}")
    if errors:
        raise invalid(errors)


def _create(entry: Entry, user: User) -> None:
    given = entry.given
    details = {name: given[name] for name in ("name", "category", "description", "tags")}
    if slug := _free_slug(given.get("slug"), user):
        details["slug"] = slug
    first = given["versions"][0]
    change = lifecycle.Change(details, entry.contents[0], first["note"])
    template = lifecycle.create(owner=user, change=change, binds=False, at=_time(first))
    entry.made.append((0, template.version))
    entry.id = template.id
    numbers = {first["number"]: 1}
    for position, (each, content) in enumerate(zip(given["versions"], entry.contents, strict=True)):
        if position == 0:
            continue
        made = lifecycle.append(template, content, author=user, note=each["note"], at=_time(each), binds=False)
        entry.made.append((position, made))
        numbers[each["number"]] = made.number
    _finish(template, {label: numbers[number] for label, number in given["labels"].items()}, user)


def _update(entry: Entry, user: User) -> None:
    assert entry.id is not None  # noqa: S101 - for the type checker
    template = lifecycle.locked(user, entry.id)
    known = set(template.versions.values_list("content_hash", flat=True))
    for position, (each, content) in enumerate(zip(entry.given["versions"], entry.contents, strict=True)):
        if content.hash not in known:
            known.add(content.hash)
            made = lifecycle.append(template, content, author=user, note=each["note"], at=_time(each), binds=False)
            entry.made.append((position, made))
    # Labels of a template that is here stay where they are: moving one is a decision of its own.
    _finish(template, {}, user)


def _finish(template: PromptTemplate, placed: dict[str, int], user: User) -> None:
    lifecycle.touch(template, "current")
    search.index(template)
    for label, number in placed.items():
        labels.move(user=user, template_id=template.id, label=label, number=number)


def _free_slug(slug: str | None, user: User) -> str | None:
    """The document's slug where it is still to be had; else one is made of the name."""
    is_taken = slug and PromptTemplate.objects.filter(owner=user, slug=slug).exists()
    return None if is_taken else slug


def _time(version: Mapping[str, Any]) -> datetime:
    at: datetime = version.get("created_at") or timezone.now()
    return min(at, timezone.now())


def summary(entries: list[Entry], *, dry_run: bool) -> dict[str, Any]:
    """The API's answer."""
    count = {action: sum(each.action == action for each in entries) for action in ("create", "update")}
    return {
        "created": count["create"],
        "updated": count["update"],
        "skipped": len(entries) - sum(count.values()),
        "errors": [],
        "entries": [each.as_json() for each in entries],
        "dry_run": dry_run,
    }
