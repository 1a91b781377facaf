"""What becomes of a person's templates when they are erased."""

from __future__ import annotations

import base64
from uuid import UUID

from django.core.cache import cache
from django.db.models import Q

from foundation.sealing.encryption import keyring
from privacy.erasure.searching import opens
from privacy.erasure.steps import Stage, kept_for_others, register, removed, used_by_others
from templates_app.models import (
    LabelMove,
    LabelRequest,
    PromptTemplate,
    SplitOutcome,
    TemplateFavourite,
    TemplateImport,
    TemplateMember,
    TemplatePartial,
    TemplateSplit,
    TemplateVersion,
    Visibility,
)
from templates_app.splits.lifecycle import end_by_itself


def declare() -> None:
    """To be called when the app is ready."""
    register(
        Stage.CONTENT, "imports of templates", lambda user_id: removed(TemplateImport.objects.filter(user_id=user_id))
    )
    register(Stage.PLACES, "templates", _templates)
    register(Stage.PLACES, "what they said of versions and labels", _remarks)
    register(Stage.PLACES, "what judged their splits", _splits)
    register(Stage.PLACES, "memberships of templates", _memberships)
    register(Stage.COPIES, "templates that are remembered", _remembered)
    used_by_others(PromptTemplate, _shared)
    opens(":1:template:", _opened)
    opens("cache:1:template:", _opened)


def _shared(user_id: UUID) -> Q:
    """Public ones, those shared with somebody, and what templates of others are put together from."""
    partials = TemplatePartial.objects.filter(partial__owner_id=user_id).exclude(version__template__owner_id=user_id)
    members = TemplateMember.objects.filter(template__owner_id=user_id).exclude(user_id=user_id)
    return (
        Q(visibility=Visibility.PUBLIC)
        | Q(visibility=Visibility.SHARED, id__in=members.order_by().values("template_id"))
        | Q(id__in=partials.order_by().values("partial_id"))
    )


def _imports(user_id: UUID) -> int:
    return removed(TemplateImport.objects.filter(user_id=user_id))


def _templates(user_id: UUID) -> int:
    theirs = PromptTemplate.objects.filter(owner_id=user_id)
    return removed(theirs.exclude(pk__in=list(kept_for_others(PromptTemplate, user_id))), at_most=20)


def _remarks(user_id: UUID) -> int:
    """Notes and reasons were said in their name, and are nothing that a prompt is made of."""
    return (
        TemplateVersion.objects.filter(author_id=user_id, note__isnull=False).update(note=None)
        + LabelMove.objects.filter(moved_by_id=user_id, note__isnull=False).update(note=None)
        + LabelRequest.objects.filter(asked_by_id=user_id, reason__isnull=False).update(reason=None)
        + LabelRequest.objects.filter(decided_by_id=user_id, decision__isnull=False).update(decision=None)
    )


def _splits(user_id: UUID) -> int:
    """What their scorers look for is theirs to say: a split that these judge ends, as when somebody stops it."""
    theirs = TemplateSplit.objects.filter(started_by_id=user_id, scorers__isnull=False)
    for split in theirs.filter(ended_at=None):
        end_by_itself(split, SplitOutcome.STOPPED)
    return theirs.update(scorers=None)


def _memberships(user_id: UUID) -> int:
    """Ratings stay: a number that counts, of nobody."""
    members = removed(TemplateMember.objects.filter(user_id=user_id))
    return members + removed(TemplateFavourite.objects.filter(user_id=user_id))


def _remembered(user_id: UUID) -> int:
    """All of them: they are read again in a moment."""
    cache.delete_pattern("template:*")  # type: ignore[attr-defined]
    return 0


def _opened(key: str, value: bytes) -> bytes:
    place = key[key.index("template:") :]
    return keyring().open(base64.b64decode(value.strip(b'"')), place=place)
