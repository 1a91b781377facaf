"""Calls of a template in the place of its text: each leads to the template where it is here, and says so where not.

Whether a template that the importer may not see is here is told to nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from accounts.models import User
from foundation.problems import FieldError, Problem
from foundation.rest.rendering import dumps
from templates_app.exchange.entries import ERROR, SKIP, Entry
from templates_app.exchange.formats.format import Draft, Reference
from templates_app.exchange.formats.llm_playground import LLM_PLAYGROUND
from templates_app.exchange.origins import origins_of, remembered
from templates_app.lookup import chosen
from templates_app.models import ImportedTemplate, PromptTemplate

LONGEST_VALUES: Final = 300


def follow(entries: list[Entry], *, user: User) -> None:
    """Decides every entry that refers to a template, as far as it can be: one with a text of its own stays open."""
    referring = [(entry, entry.draft.reference) for entry in entries if entry.draft.reference is not None]
    if not referring:
        return
    ids = {reference.template_id for _, reference in referring}
    here = {row.id: row for row in PromptTemplate.objects.visible_to(user).select_related("current").filter(id__in=ids)}
    came = _brought(ids - here.keys(), user)
    beside = {entry.draft.key: entry for entry in entries if entry.format == LLM_PLAYGROUND.name}
    for entry, reference in referring:
        key = reference.template_id
        if key in here and _is_edited(here[key], reference):
            entry.notes.append(f"It was made of {here[key].name}, and is not as its {reference.which} is here.")
        elif key in here:
            _lead(entry, here[key], _present(here[key], reference, entry))
        elif key in came:
            told = f"an import brought it on {came[key].run.created_at:%-d %B %Y}"
            _lead(entry, came[key].template, told)
        elif str(key) in beside:
            entry.action, entry.reason = SKIP, f"It calls {beside[str(key)].name}, which is among these files."
            entry.notes += _values_told(reference)
        elif "versions" not in entry.draft.entry:
            place = f"{entry.place}.template_id".strip(".")
            entry.errors.append(FieldError(place, "not_here", _missing(reference)))
            entry.action, entry.reason = ERROR, entry.errors[0].message


def _brought(ids: Iterable[UUID], user: User) -> Mapping[UUID, ImportedTemplate]:
    """What documents of another instance brought here, by the template's id there."""
    listed = list(ids)
    origins = [origins_of([(LLM_PLAYGROUND.name, Draft({}, key=str(each)))])[0] for each in listed]
    memory = remembered(origins, user=user)
    return {each: memory[origin] for each, origin in zip(listed, origins, strict=True) if origin in memory}


def _lead(entry: Entry, template: PromptTemplate, told: str) -> None:
    assert entry.draft.reference is not None  # noqa: S101 - for the type checker
    entry.id, entry.name = template.id, template.name
    entry.action, entry.reason = SKIP, f"It is here already: {template.name}, {told}."
    entry.notes += _values_told(entry.draft.reference)


def _present(template: PromptTemplate, reference: Reference, entry: Entry) -> str:
    """The version that is meant, in words; where the template has none such, a note says so."""
    try:
        version = chosen(template, number=None if reference.label else reference.version, label=reference.label or None)
    except Problem:
        entry.notes.append(f"{template.name} has no {reference.which} here.")
        return f"now at version {template.version.number}"
    return f"version {version.number}" + (f" ({reference.which})" if reference.label else "")


def _is_edited(template: PromptTemplate, reference: Reference) -> bool:
    """Whether its texts are other ones than those of the version that it says it was made of."""
    if reference.turns is None:
        return False
    version = template.versions.filter(number=reference.version or template.version.number).first()
    return version is None or [turn.as_json() for turn in version.content.turns] != reference.turns


def _values_told(reference: Reference) -> list[str]:
    if not reference.values:
        return []
    told = ", ".join(f"{name[:60]}: {_short(value)}" for name, value in reference.values.items())
    if len(told) > LONGEST_VALUES:
        told = told[: LONGEST_VALUES - 1] + "…"
    return [f"Values for one run are no part of a template: {told}"]


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else dumps(value).decode()
    return text if len(text) <= 60 else text[:59] + "…"


def _missing(reference: Reference) -> str:
    which = f", {reference.which}," if reference.which else ""
    where = f" at {reference.address}" if reference.address else ""
    does = "is code made of" if reference.is_code else "calls"
    text = "its text is not read back from it" if reference.is_code else "does not hold its text"
    return (
        f"This {does} the template {reference.template_id}{which}{where} and {text}, and you have no "
        "such template here. Bring the template itself: export it there as JSON or YAML (the format llm-playground), "
        "or fetch it with `playground pull`, and import that file."
    )
