"""An import is taken back, as far as nobody has gone on from it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from foundation.problems import Problem, not_found
from templates_app.exchange.receivers import receivers
from templates_app.models import ImportedTemplate, PromptTemplate, TemplateImport
from templates_app.versions import lifecycle


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of one template of an import."""

    name: str
    id: UUID
    is_undone: bool
    reason: str


def run_of(user: User, run_id: UUID) -> TemplateImport:
    """The import; a 404 problem for anybody but who made it."""
    run = TemplateImport.objects.filter(user=user, id=run_id).first()
    if run is None:
        raise not_found("The import")
    return run


@transaction.atomic
def undo(*, user: User, run_id: UUID) -> list[Undone]:
    """Deletes what the import made, and brings back as a new version what it added versions to.

    A template that somebody has changed since stays as it is, and its reason says so. Harmless when done twice.
    """
    run = TemplateImport.objects.select_for_update().filter(user=user, id=run_id).first()
    if run is None:
        raise not_found("The import")
    if run.carried_out_at is None:
        raise Problem(409, "not_imported", "Nothing was imported yet: there is nothing to undo.")
    rows = list(run.entries.select_related("template__current").order_by("id"))
    if run.undone_at is not None:
        return []
    found = [_undone(row, user) for row in rows]
    run.undone_at = timezone.now()
    run.save(update_fields=["undone_at"])
    return found


def _undone(row: ImportedTemplate, user: User) -> Undone:
    template: PromptTemplate = row.template
    try:
        is_undone, reason = _taken_back(row, template, user)
    except Problem as problem:  # A right that went meanwhile.
        is_undone, reason = False, problem.detail
    if is_undone:
        for name, reference in row.handed.items():
            if (receiver := receivers().get(name)) and reference:
                receiver.undo(reference, user=user)
    return Undone(template.name, template.id, is_undone, reason)


def _taken_back(row: ImportedTemplate, template: PromptTemplate, user: User) -> tuple[bool, str]:
    if template.deleted_at is not None:
        return False, "It is deleted already."
    if template.version.number != row.version_after:
        return False, f"It has got version {template.version.number} since, and stays."
    if row.is_new:
        lifecycle.delete(user=user, template_id=template.id)
        return True, "Deleted; for 30 days it can be brought back."
    if row.version_before == row.version_after:
        return False, "Nothing was added to it."
    note = f"The import of {row.run.carried_out_at:%-d %B %Y} is undone: version {row.version_before} again."
    lifecycle.restore(user=user, template_id=template.id, number=row.version_before, note=note)
    return True, f"Version {row.version_before} is the present one again."
