"""Which template a reference means: decided once, when a version is saved, for whoever saves it.

The template of the same owner that has this slug; else one that is shared or public, which both the saver and the
owner may see, if it is the only one. What the saver may not see is told as what does not exist. A reference that the
version before has too keeps its meaning, so that an editor may go on with what only the owner sees.
"""

from __future__ import annotations

from typing import Final

from accounts.models import User
from foundation.problems import FieldError, Problem, invalid
from templates_app.content import Content
from templates_app.models import PromptTemplate, TemplatePartial, TemplateVersion, Visibility
from templates_app.partials.expanding import Expanded, expand
from templates_app.partials.references import Reference, is_plain_text, references_in

MOST_PARTIALS: Final = 50


def bind(version: TemplateVersion, *, saver: User, before: TemplateVersion | None = None) -> None:
    """Keeps beside the new version what its references mean; a 400 problem names the text whose do not hold."""
    found = check(version.content, saver=saver, owner=version.template.owner, template=version.template, before=before)
    TemplatePartial.objects.bulk_create(
        TemplatePartial(
            version=version,
            reference=reference,
            partial=taken.version.template,
            then=taken.version,
            text_hash=taken.text_hash,
        )
        for reference, taken in found.direct.items()
    )


def check(
    content: Content,
    *,
    saver: User,
    owner: User,
    template: PromptTemplate | None = None,
    before: TemplateVersion | None = None,
) -> Expanded:
    """The content with its partials, as `saver` may save it into `template`; a 400 problem says what does not hold."""
    if is_plain_text(*(text for _, text in content.texts)):
        return Expanded(content, {}, ())
    rows = before.partials.select_related("partial__current", "partial__owner") if before else ()
    known = {row.reference: row.partial for row in rows}
    bound = _resolved(content, saver=saver, owner=owner, known=known)
    return expand(content, bound, owner=owner, template=template)


def as_drafted(content: Content, *, user: User, template: PromptTemplate | None = None) -> Expanded:
    """As `check`, while somebody types: where it does not hold, the content as it is. Saving says why."""
    before = template.version if template else None
    try:
        return check(content, saver=user, owner=template.owner if template else user, template=template, before=before)
    except Problem:
        return Expanded(content, {}, ())


def _resolved(
    content: Content, *, saver: User, owner: User, known: dict[str, PromptTemplate | None]
) -> dict[str, PromptTemplate | None]:
    bound: dict[str, PromptTemplate | None] = {}
    errors: list[FieldError] = []
    for field, text in content.texts:
        for reference in references_in(text):
            if str(reference) in bound:
                continue
            if len(bound) >= MOST_PARTIALS:
                raise invalid([FieldError(field, "too_many", f"Up to {MOST_PARTIALS} partials are taken.")])
            kept = known.get(str(reference))
            if kept is None:
                kept = _meant(reference, field, saver, owner, errors)
            bound[str(reference)] = kept
    if errors:
        raise invalid(errors)
    return bound


def _meant(
    reference: Reference, field: str, saver: User, owner: User, errors: list[FieldError]
) -> PromptTemplate | None:
    found = _candidates(reference, saver=saver, owner=owner)
    if len(found) == 1:
        return found[0]
    if found:
        message = f"Several templates have the slug {reference.slug}: which is meant cannot be told."
        errors.append(FieldError(field, "ambiguous_partial", message))
    else:
        message = f"There is no template with the slug {reference.slug} that may be used here."
        errors.append(FieldError(field, "unknown_partial", message))
    return None


def meant(reference: Reference, *, saver: User, owner: User) -> PromptTemplate | None:
    """The template that a new reference would mean; None for none, or for several."""
    found = _candidates(reference, saver=saver, owner=owner)
    return found[0] if len(found) == 1 else None


def _candidates(reference: Reference, *, saver: User, owner: User) -> list[PromptTemplate]:
    """The owner's own one, else up to two that are open to both."""
    seen = PromptTemplate.objects.visible_to(saver).filter(slug=reference.slug).select_related("current", "owner")
    own = seen.filter(owner=owner).first()
    if own is not None:
        return [own]
    owners = PromptTemplate.objects.visible_to(owner).values("id")
    is_open = {"visibility__in": (Visibility.SHARED, Visibility.PUBLIC), "id__in": owners}
    return list(seen.filter(**is_open).order_by("id")[:2])
