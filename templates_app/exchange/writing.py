"""A plan becomes rows, all of it or nothing; nothing is overwritten, and what was written can be undone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from foundation.problems import FieldError, Problem, invalid
from foundation.tasks import send_task
from templates_app.exchange.deciding import is_taken
from templates_app.exchange.entries import CREATE, ERROR, SKIP, UPDATE, Entry, placed
from templates_app.exchange.planning import Plan
from templates_app.exchange.receivers import receivers
from templates_app.library import search
from templates_app.models import ImportedTemplate, PromptTemplate, TemplateImport
from templates_app.partials.binding import bind
from templates_app.partials.references import is_plain_text
from templates_app.versions import labels, lifecycle

MOST_INDEXED: Final = 100
"""Templates that are found by their words as soon as they are imported."""


@transaction.atomic
def carry_out(plan: Plan, *, user: User, run: TemplateImport | None = None) -> TemplateImport:
    """Writes what the plan says, all of it or nothing. Raises Problem (400) for what does not hold of any entry.

    Partials are looked for when all templates are there: files may hold them in any order.
    """
    if plan.errors:
        raise invalid(plan.errors)
    _write(plan.entries, user)
    if errors := _bind(plan.entries, user):
        raise invalid([error for listed in errors.values() for error in listed])
    run = run or TemplateImport(user=user)
    run.format, run.carried_out_at = plan.format, timezone.now()
    run.sources = []
    run.save()
    _make_found(plan.entries)
    ImportedTemplate.objects.bulk_create(_remembering(plan.entries, run, user))
    return run


def rehearse(plan: Plan, *, user: User) -> None:
    """Writes nothing, and finds what only writing tells: each entry whose partials do not hold says so."""
    good = [entry for entry in plan.entries if not entry.errors]
    if all(is_plain_text(text) for entry in good for content in entry.contents for _, text in content.texts):
        return
    with transaction.atomic():
        _write(good, user)
        errors = _bind(good, user)
        transaction.set_rollback(True)
    for entry in plan.entries:
        entry.made = []
        if entry.action == CREATE:
            entry.id = entry.template = None
        if listed := errors.get(entry.index):
            entry.errors += listed
            entry.action, entry.reason = ERROR, listed[0].message


def _write(entries: Iterable[Entry], user: User) -> None:
    for entry in entries:
        if entry.action == CREATE:
            _create(entry, user)
        elif entry.action == UPDATE:
            _update(entry, user)


def _bind(entries: Iterable[Entry], user: User) -> dict[int, list[FieldError]]:
    """What does not hold of partials, by the index of its entry."""
    errors: dict[int, list[FieldError]] = {}
    for entry in entries:
        for position, version in entry.made:
            try:
                bind(version, saver=user)
            except Problem as problem:
                listed = [FieldError(**each) for each in problem.errors]
                errors.setdefault(entry.index, []).extend(placed(listed, f"{entry.place}.versions.{position}"))
    return errors


def _create(entry: Entry, user: User) -> None:
    given = entry.given
    details = {name: given[name] for name in ("name", "category", "description", "tags")}
    if (slug := given.get("slug")) and not is_taken(slug, user):
        details["slug"] = slug
    times = times_of(given["versions"], now=timezone.now())
    first = given["versions"][0]
    change = lifecycle.Change(details, entry.contents[0], first["note"])
    template = lifecycle.create(
        owner=user, change=change, binds=False, is_found=False, at=times[0], created_at=times[0]
    )
    entry.made.append((0, template.version))
    entry.id = template.id
    entry.template = template
    numbers = {first["number"]: 1}
    for position, (each, content) in enumerate(zip(given["versions"], entry.contents, strict=True)):
        if position == 0:
            continue
        made = lifecycle.append(template, content, author=user, note=each["note"], at=times[position], binds=False)
        entry.made.append((position, made))
        numbers[each["number"]] = made.number
    _finish(template, {label: numbers[number] for label, number in given["labels"].items()}, user)


def _update(entry: Entry, user: User) -> None:
    assert entry.template is not None  # noqa: S101 - for the type checker
    template = lifecycle.locked(user, entry.template.id)
    entry.template = template
    known = set(template.versions.values_list("content_hash", flat=True))
    times = times_of(entry.given["versions"], now=timezone.now())
    for position, (each, content) in enumerate(zip(entry.given["versions"], entry.contents, strict=True)):
        if content.hash not in known:
            known.add(content.hash)
            # What is here already came before what is added now.
            at = max(times[position], template.version.created_at)
            made = lifecycle.append(template, content, author=user, note=each["note"], at=at, binds=False)
            entry.made.append((position, made))
    # Labels of a template that is here stay where they are: moving one is a decision of its own.
    _finish(template, {}, user)


def _finish(template: PromptTemplate, placed_labels: dict[str, int], user: User) -> None:
    lifecycle.touch(template, "current")
    for label, number in placed_labels.items():
        labels.move(user=user, template_id=template.id, label=label, number=number)


def _make_found(entries: list[Entry]) -> None:
    """Indexes what was written; of a large import a task does the rest, within a minute."""
    written = [entry.template for entry in entries if entry.is_written and entry.template is not None]
    for template in written[:MOST_INDEXED]:
        search.index(template)
    if len(written) > MOST_INDEXED:
        # Where the broker is away, the hourly ring does it.
        transaction.on_commit(lambda: send_task("templates_app.tasks.reindex"))


def times_of(versions: list[Mapping[str, Any]], *, now: datetime) -> list[datetime]:
    """When each version was made: as the file says, never in the future, and never before the one before it.

    A version without a time was made before the next one that has one.
    """
    times: list[datetime | None] = [each.get("created_at") for each in versions]
    later = now
    for position in range(len(times) - 1, -1, -1):
        later = min(times[position] or later, now)
        times[position] = later if times[position] is None else min(times[position], now)  # type: ignore[type-var]
    found: list[datetime] = []
    for at in times:
        assert at is not None  # noqa: S101 - for the type checker
        found.append(max(at, found[-1]) if found else at)
    return found


def _remembering(entries: Iterable[Entry], run: TemplateImport, user: User) -> Iterable[ImportedTemplate]:
    for entry in entries:
        if entry.template is None or entry.action not in (CREATE, UPDATE, SKIP):
            continue
        if entry.action == SKIP and entry.is_remembered:
            continue
        yield ImportedTemplate(
            run=run,
            template=entry.template,
            origin=entry.origin,
            version_before=entry.made[0][1].number - 1 if entry.made else entry.template.version.number,
            version_after=entry.template.version.number,
            is_new=entry.action == CREATE,
            handed=_handed_over(entry, user),
        )


def _handed_over(entry: Entry, user: User) -> dict[str, str]:
    """What else the file holds goes to whom it belongs; gives what undoing goes by."""
    references: dict[str, str] = {}
    if entry.action not in (CREATE, UPDATE) or not entry.draft.material:
        return references
    assert entry.template is not None  # noqa: S101 - for the type checker
    entry.handed = []
    for name, material in entry.draft.material.items():
        receiver = receivers().get(name)
        if receiver is None:
            continue
        try:
            with transaction.atomic():
                handed = receiver.receive(material, template=entry.template, user=user)
        except Problem as problem:
            entry.notes.append(f"Its {name} are left out: {problem.detail}")
            continue
        entry.handed.append(handed.sentence)
        references[name] = handed.reference
    return references
